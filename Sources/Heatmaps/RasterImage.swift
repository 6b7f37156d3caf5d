public import Foundation
import CPNG
public import Imaging
public import Slides

/// An 8-bit sRGB picture, three bytes to a pixel, row by row.
public struct RasterImage: Equatable, Sendable {
    public let width: Int
    public let height: Int
    public var pixels: [UInt8]

    /// - Throws: `ReviewError.shape` where the bytes are not width · height · 3, or a side is not in 1...65,535.
    public init(width: Int, height: Int, pixels: [UInt8]) throws {
        guard (1...65_535).contains(width), (1...65_535).contains(height), pixels.count == width * height * 3 else {
            throw ReviewError.shape("\(pixels.count) bytes are no picture of \(width) × \(height) RGB pixels")
        }
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// A picture of one colour.
    public init(width: Int, height: Int, filled colour: RGB) throws {
        let row = Array(repeatElement([colour.red, colour.green, colour.blue], count: max(0, width)).joined())
        try self.init(width: width, height: height, pixels: Array(repeatElement(row, count: max(0, height)).joined()))
    }

    public subscript(_ x: Int, _ y: Int) -> RGB {
        let start = (y * width + x) * 3
        return RGB(pixels[start], pixels[start + 1], pixels[start + 2])
    }

    /// - Throws: `ReviewError.shape` for a side over 65,535.
    public init(_ image: RGBImage) throws {
        try self.init(width: image.width, height: image.height, pixels: image.pixels)
    }

    /// The picture as a square of another side, by area averaging.
    func fitted(side: Int) throws -> RasterImage {
        try RasterImage(RGBImage(width: width, height: height, pixels: pixels).resized(width: side, height: side))
    }

    /// A part of the picture.
    /// - Throws: `ReviewError.shape` for an empty one.
    /// - Precondition: it lies inside.
    func cropped(columns: Range<Int>, rows: Range<Int>) throws -> RasterImage {
        let bytes = rows.map { row in
            pixels[(row * width + columns.lowerBound) * 3..<(row * width + columns.upperBound) * 3]
        }
        return try RasterImage(width: columns.count, height: rows.count, pixels: Array(bytes.joined()))
    }

    /// The picture as PNG: no text, no time, so that equal pictures give equal bytes.
    public func png() throws -> Data { try PNGFile.encode(pixels, width: width, height: height, hasAlpha: false) }
}

/// PNG files of our pictures, written by libpng.
enum PNGFile {
    /// - Parameters:
    ///   - pixels: RGB, or RGBA with colours that are not multiplied by their alpha.
    static func encode(_ pixels: [UInt8], width: Int, height: Int, hasAlpha: Bool) throws -> Data {
        var size = 0
        var message = [CChar](repeating: 0, count: 64)
        let (across, down, alpha) = (UInt32(width), UInt32(height), Int32(hasAlpha ? 1 : 0))
        _ = png_write_pixels(across, down, alpha, pixels, nil, &size, &message)
        var bytes = [UInt8](repeating: 0, count: size)
        guard png_write_pixels(across, down, alpha, pixels, &bytes, &size, &message) != 0 else {
            let text = message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
            throw ReviewError.png(String(decoding: text, as: UTF8.self))
        }
        return Data(bytes.prefix(size))
    }
}
