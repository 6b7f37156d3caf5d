import CJPEG
public import Foundation
public import Imaging

/// JPEG files of our pictures, written by libjpeg: no time, no comment, the same bytes for the same pixels.
public enum JPEGFile {
    /// - Parameters:
    ///   - quality: 1 to 100.
    ///   - restartInterval: blocks of 16 × 8 pixels between restart markers, whose chroma is halved along x alone, as Hamamatsu has it; 0
    ///     for none, chroma halved along both axes.
    /// - Throws: `SlideError.encoding`, e.g. for a side over 65,500 pixels.
    public static func encode(_ image: RGBImage, quality: Int = 85, restartInterval: UInt16 = 0) throws -> Data {
        guard let width = UInt32(exactly: image.width), let height = UInt32(exactly: image.height) else {
            throw SlideError.encoding("\(image.width) × \(image.height) pixels")
        }
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = [CChar](repeating: 0, count: Int(CJPEG_MESSAGE_SIZE))
        let status = cjpeg_encode_rgb(
            image.pixels,
            width,
            height,
            Int32(quality),
            UInt32(restartInterval),
            &bytes,
            &count,
            &message
        )
        defer { cjpeg_free(bytes) }
        guard status == 0, let bytes else {
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw SlideError.encoding(String(decoding: text, as: UTF8.self))
        }
        return Data(bytes: bytes, count: count)
    }
}
