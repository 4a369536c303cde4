"""Export: a trained model as two ONNX graphs, which run without PyTorch; in eight bits, if so chosen."""
