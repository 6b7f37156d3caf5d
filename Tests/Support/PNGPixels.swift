import CPNG
public import Foundation

/// The pixels of a PNG file, four bytes each, as libpng reads them.
public func decoded(png: Data) throws -> (width: Int, height: Int, rgba: [UInt8]) {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    let rgba = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
    return try png.withUnsafeBytes { bytes in
        guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else { throw NoPNG() }
        image.format = rgba
        var pixels = [UInt8](repeating: 0, count: Int(image.width * image.height * 4))
        guard png_image_finish_read(&image, nil, &pixels, 0, nil) != 0 else { throw NoPNG() }
        return (Int(image.width), Int(image.height), pixels)
    }
}

private struct NoPNG: Error {}
