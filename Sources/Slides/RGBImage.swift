/// A colour of 8 bits per channel.
public struct RGBColor: Equatable, Sendable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Six hexadecimal digits, as OpenSlide writes a background colour.
    public init?(hex: String) {
        guard hex.utf8.count == 6, let value = UInt32(hex, radix: 16) else { return nil }
        self.init(UInt8(value >> 16), UInt8(value >> 8 & 255), UInt8(value & 255))
    }

    public static let white = RGBColor(255, 255, 255)
}

/// Pixels `[height, width, 3]` of 8 bits, row-major, without padding.
public struct RGBImage: Equatable, Sendable {
    public let width: Int
    public let height: Int
    /// `height` · `width` · 3 bytes.
    public var pixels: [UInt8]

    /// - Precondition: `pixels` has `height` · `width` · 3 bytes.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0 && pixels.count == width * height * 3, "bytes must fit the size")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    public init(width: Int, height: Int, fill: RGBColor = .white) {
        var pixels = [UInt8](repeating: fill.red, count: width * height * 3)
        if fill.green != fill.red || fill.blue != fill.red {
            for pixel in stride(from: 0, to: pixels.count, by: 3) {
                pixels[pixel + 1] = fill.green
                pixels[pixel + 2] = fill.blue
            }
        }
        self.init(width: width, height: height, pixels: pixels)
    }

    public subscript(_ x: Int, _ y: Int) -> RGBColor {
        get {
            let at = (y * width + x) * 3
            return RGBColor(pixels[at], pixels[at + 1], pixels[at + 2])
        }
        set {
            let at = (y * width + x) * 3
            pixels[at] = newValue.red
            pixels[at + 1] = newValue.green
            pixels[at + 2] = newValue.blue
        }
    }

    /// A part of the image.
    /// - Precondition: it lies inside.
    public func cropped(x: Int, y: Int, width part: Int, height rows: Int) -> RGBImage {
        precondition(x >= 0 && y >= 0 && x + part <= width && y + rows <= height, "a crop lies inside its image")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(part * rows * 3)
        for row in y..<(y + rows) {
            let start = (row * width + x) * 3
            bytes.append(contentsOf: pixels[start..<(start + part * 3)])
        }
        return RGBImage(width: part, height: rows, pixels: bytes)
    }
}

/// What OpenSlide hands out: premultiplied ARGB.
struct ARGBRegion {
    let width: Int
    let height: Int
    let pixels: [UInt32]

    func image(on background: RGBColor) -> RGBImage {
        let bytes = [UInt8](unsafeUninitializedCapacity: pixels.count * 3) { buffer, filled in
            paint(on: background, into: buffer)
            filled = pixels.count * 3
        }
        return RGBImage(width: width, height: height, pixels: bytes)
    }

    /// Composited on a colour. Un-premultiplying and then blending cancel out: c·α + b·(1-α), and c·α is what is stored.
    /// - Precondition: `target` has 3 bytes for each pixel.
    func paint(on background: RGBColor, into target: UnsafeMutableBufferPointer<UInt8>) {
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
