import CJPEG
public import Foundation
public import Imaging

/// JPEG files of our pictures, written by libjpeg: no time, no comment, the same bytes for the same pixels.
public enum JPEGFile {
    /// - Parameter quality: 1 to 100.
    /// - Throws: `SlideError.encoding`, e.g. for a side over 65,500 pixels.
    public static func encode(_ image: RGBImage, quality: Int = 85) throws -> Data {
        guard let width = UInt32(exactly: image.width), let height = UInt32(exactly: image.height) else {
            throw SlideError.encoding("\(image.width) × \(image.height) pixels")
        }
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = [CChar](repeating: 0, count: Int(CJPEG_MESSAGE_SIZE))
        let status = cjpeg_encode_rgb(image.pixels, width, height, Int32(quality), &bytes, &count, &message)
        defer { cjpeg_free(bytes) }
        guard status == 0, let bytes else {
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw SlideError.encoding(String(decoding: text, as: UTF8.self))
        }
        return Data(bytes: bytes, count: count)
    }
}
