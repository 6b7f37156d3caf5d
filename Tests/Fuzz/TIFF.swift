import CTIFF
import Foundation

/// The directories of a TIFF and the compressed tiles of the one of 256 × 256 pixels.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    ctiff_be_silent()
    FuzzInput.file("s.tif", bytes, count) { url in
        var pixel = ctiff_pixel_format()
        _ = ctiff_read_pixel_format(url.path, &pixel)
        var opened: OpaquePointer?
        guard ctiff_tiles_open(url.path, 256, 256, &opened) == 0, let tiles = opened else { return }
        defer { ctiff_tiles_close(tiles) }
        let format = ctiff_tiles_format(tiles)
        var sum: UInt8 = 0
        if let tables = format.jpeg_tables { for i in 0..<Int(format.jpeg_tables_count) { sum &+= tables[i] } }
        for tile in 0..<min(format.tile_count, 64) {
            var size: UInt64 = 0
            guard ctiff_tiles_byte_count(tiles, tile, &size) == 0, size <= 1 << 20 else { continue }
            var stored = [UInt8](repeating: sum, count: Int(size))
            _ = ctiff_tiles_read(tiles, tile, &stored, stored.count)
        }
    }
    return 0
}
