import Imaging

/// What a slide's reader hands out: premultiplied ARGB.
struct ARGBRegion {
    let width: Int
    let height: Int
    let pixels: [UInt32]

    func image(on background: RGB) -> RGBImage {
        let bytes = [UInt8](unsafeUninitializedCapacity: pixels.count * 3) { buffer, filled in
            paint(on: background, into: buffer)
            filled = pixels.count * 3
        }
        return RGBImage(width: width, height: height, pixels: bytes)
    }

    /// Composited on a colour. Un-premultiplying and then blending cancel out: c·α + b·(1-α), and c·α is what is stored.
    /// - Precondition: `target` has 3 bytes for each pixel.
    func paint(on background: RGB, into target: UnsafeMutableBufferPointer<UInt8>) {
        let base = (UInt32(background.red), UInt32(background.green), UInt32(background.blue))
        var at = 0
        for pixel in pixels {
            let alpha = pixel >> 24
            var (red, green, blue) = (pixel >> 16 & 255, pixel >> 8 & 255, pixel & 255)
            if alpha != 255 {
                red = min(255, red + (base.0 * (255 - alpha) + 127) / 255)
                green = min(255, green + (base.1 * (255 - alpha) + 127) / 255)
                blue = min(255, blue + (base.2 * (255 - alpha) + 127) / 255)
            }
            target[at] = UInt8(truncatingIfNeeded: red)
            target[at + 1] = UInt8(truncatingIfNeeded: green)
            target[at + 2] = UInt8(truncatingIfNeeded: blue)
            at += 3
        }
    }

    var alpha: [UInt8] { pixels.map { UInt8(truncatingIfNeeded: $0 >> 24) } }
}
