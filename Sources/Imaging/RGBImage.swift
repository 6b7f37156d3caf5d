/// Pixels `[height, width, 3]` of 8 bits in sRGB, row-major, without padding.
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

    public init(width: Int, height: Int, fill: RGB = .white) {
        var pixels = [UInt8](repeating: fill.red, count: width * height * 3)
        if fill.green != fill.red || fill.blue != fill.red {
            for pixel in stride(from: 0, to: pixels.count, by: 3) {
                pixels[pixel + 1] = fill.green
                pixels[pixel + 2] = fill.blue
            }
        }
        self.init(width: width, height: height, pixels: pixels)
    }

    @inlinable
    public subscript(_ x: Int, _ y: Int) -> RGB {
        get {
            let at = (y * width + x) * 3
            return RGB(pixels[at], pixels[at + 1], pixels[at + 2])
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
