// A picture, and the light that attention throws on it. The server computed how far a region reaches and how a
// share becomes light, as it does for every other view; here both are multiplied.

const FEW = 160; // pixels

const times = (a, b) => a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
const turned = (a) => a[0].map((_, j) => a.map((row) => row[j]));

// Pictures are drawn on canvases: the page's rules let no address but the server's own give an image.
export async function bitmap(data) {
  if (data instanceof Blob) return createImageBitmap(data);
  const bytes = Uint8Array.from(atob(data.slice(data.indexOf(",") + 1)), (sign) => sign.charCodeAt(0));
  return createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
}

// A picture of few pixels is shown in larger ones.
export function photo(canvas, image, width = 640) {
  const few = image.width <= FEW && image.height <= FEW;
  const scale = few ? Math.max(1, Math.floor(width / image.width)) : Math.min(1, width / image.width);
  Object.assign(canvas, { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
  canvas.getContext("2d").imageSmoothingEnabled = !few;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// Weights of regions, row by row, as a veil that lifts where they are large; of all equal to zero, as a whole veil.
export function veil(canvas, gaze, [rows, columns], weights) {
  const peak = Math.max(...weights) || 1;
  const shares = Array.from({ length: rows }, (_, r) => weights.slice(r * columns, (r + 1) * columns).map((w) => w / peak));
  const pixels = times(times(gaze.spread[rows], shares), turned(gaze.spread[columns]));
  Object.assign(canvas, { width: pixels[0].length, height: pixels.length });
  const context = canvas.getContext("2d");
  const over = context.createImageData(canvas.width, canvas.height);
  for (const [i, share] of pixels.flat().entries()) {
    over.data.set(gaze.veil[Math.round(Math.min(1, Math.max(0, share)) * (gaze.veil.length - 1))], 4 * i);
  }
  context.putImageData(over, 0, 0);
  return canvas;
}

export function most([rows, columns], weights) {
  const peak = Math.max(...weights);
  if (!(peak > 0)) return "nothing";
  const place = weights.indexOf(peak);
  return `row ${Math.floor(place / columns) + 1} of ${rows}, column ${(place % columns) + 1} of ${columns}`;
}
