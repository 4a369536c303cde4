"""A server for trained models: many requests, gathered into batches; the protocol of LibreTranslate, and one for all.

    limits      what a request, a client and the queue may have
    batches     requests -> batches -> the threads that decode them
    asked       options of a request, checked
    served      a model as it is served: its name, its languages, its queue
    guard       before every answer: hosts, keys, rates, sizes, time; behind it: headers, log, metrics
    running     /models, /run/{model}
    app         all of it as one ASGI application
    server      sockets and signals

FastAPI and uvicorn are imported by what answers requests, never by what decodes.
"""
