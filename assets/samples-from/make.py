import math, random
from PIL import Image, ImageDraw, ImageFilter

random.seed(7)

def gradient(w, h, f):
    im = Image.new("RGB", (w, h))
    im.putdata([tuple(int(255 * max(0, min(1, c))) for c in f(x / w, y / h)) for y in range(h) for x in range(w)])
    return im

# photo.jpg: upright 480x640, stored turned left, with Orientation 6 (turn right to show).
def sky(x, y):
    n = random.uniform(-0.03, 0.03)
    if y > 0.68 + 0.05 * math.sin(7 * x) + 0.02 * math.sin(19 * x):
        return 0.10 + 0.2 * x + n, 0.35 - 0.2 * (y - 0.7) + n, 0.30 + n
    return 0.25 + 0.75 * y + n, 0.35 + 0.25 * y + 0.1 * x + n, 0.85 - 0.45 * y + n
photo = gradient(480, 640, sky)
ImageDraw.Draw(photo).ellipse((290, 90, 400, 200), fill=(255, 236, 170))
photo = photo.filter(ImageFilter.GaussianBlur(1))
exif = Image.Exif()
exif[0x0112] = 6
photo.transpose(Image.Transpose.ROTATE_90).save("photo.jpg", quality=82, optimize=True, exif=exif)

# cover.png: flat colours, 512x512.
cover = Image.new("RGB", (512, 512), "#24365f")
d = ImageDraw.Draw(cover)
for i, c in enumerate(["#7a4fd6", "#2f6fe4", "#1f9d8b", "#e5b04c", "#c2557a", "#f6f7f9"]):
    r = 240 - 38 * i
    d.ellipse((256 - r, 256 - r, 256 + r, 256 + r), fill=c)
cover.quantize(16).save("cover.png", optimize=True)

# poster.webp: a gradient with bars, 400x300.
poster = gradient(400, 300, lambda x, y: (0.2 + 0.8 * x, 0.3 + 0.4 * y, 0.9 - 0.6 * x))
d = ImageDraw.Draw(poster)
for i in range(8):
    d.rectangle((30 + 44 * i, 250 - 24 * i, 60 + 44 * i, 270), fill=(255, 255, 255))
poster.save("poster.webp", quality=80, method=6)

# anim.gif: three frames, 64x64.
frames = []
for i, c in enumerate(["#f0776a", "#e5b04c", "#4cc38a"]):
    f = Image.new("RGB", (64, 64), "#17191d")
    ImageDraw.Draw(f).ellipse((4 + 16 * i, 20, 28 + 16 * i, 44), fill=c)
    frames.append(f.quantize(8))
frames[0].save("anim.gif", save_all=True, append_images=frames[1:], duration=300, loop=0)
