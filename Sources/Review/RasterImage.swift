public import Foundation
import CPNG

/// A colour in 8-bit sRGB.
public struct RGB: Equatable, Hashable, Sendable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }
}

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

    /// The picture as PNG: no text, no time, so that equal pictures give equal bytes.
    public func png() throws -> Data {
        var size = 0
        var message = [CChar](repeating: 0, count: 64)
        _ = png_write_rgb(UInt32(width), UInt32(height), pixels, nil, &size, &message)
        var bytes = [UInt8](repeating: 0, count: size)
        guard png_write_rgb(UInt32(width), UInt32(height), pixels, &bytes, &size, &message) != 0 else {
            let text = message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
            throw ReviewError.png(String(decoding: text, as: UTF8.self))
        }
        return Data(bytes.prefix(size))
    }
}
