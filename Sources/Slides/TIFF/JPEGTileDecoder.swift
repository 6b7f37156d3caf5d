import CJPEG

/// Decodes the JPEG streams of one level, tiles or strips of one size, to RGB.
final class JPEGTileDecoder {
    private let decoder: OpaquePointer

    /// - Returns: nil where the tables that the streams share are none.
    init?(tables: [UInt8]?, _ components: cjpeg_components, width: Int, height: Int) {
        guard let width = UInt32(exactly: width), let height = UInt32(exactly: height) else { return nil }
        var made: OpaquePointer?
        guard cjpeg_tiles_create(tables, tables?.count ?? 0, components, width, height, &made) == 0, let made else {
            return nil
        }
        decoder = made
    }

    deinit { cjpeg_tiles_free(decoder) }

    /// - Returns: false for any doubt about the stream; the pixels are then undefined.
    func decode(_ stream: UnsafeBufferPointer<UInt8>, into pixels: UnsafeMutablePointer<UInt8>) -> Bool {
        cjpeg_tiles_decode(decoder, stream.baseAddress, stream.count, pixels) == 0
    }
}
