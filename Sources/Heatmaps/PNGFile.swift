import CPNG
public import Foundation
public import Imaging

extension RGBImage {
    /// What pictures of ours and JPEG files can have.
    private static let longestSide = 65_535

    /// A picture of one colour to draw on.
    /// - Throws: `ReviewError.shape` where a side is not in 1...65,535.
    static func ground(width: Int, height: Int, _ colour: RGB) throws -> RGBImage {
        try check(width: width, height: height)
        return RGBImage(width: width, height: height, fill: colour)
    }

    /// This picture, where it can be one of ours.
    /// - Throws: `ReviewError.shape` for a side over 65,535.
    public func checked() throws -> RGBImage {
        try Self.check(width: width, height: height)
        return self
    }

    private static func check(width: Int, height: Int) throws {
        guard (1...longestSide).contains(width), (1...longestSide).contains(height) else {
            let bytes = max(0, width) * max(0, height) * 3
            throw ReviewError.shape("\(bytes) bytes are no picture of \(width) × \(height) RGB pixels")
        }
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
