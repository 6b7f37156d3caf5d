import CJPEG

/// JPEGTables of a TIFF and a tile: the first two bytes tell where the one ends and the other begins.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 2 else { return 0 }
    let tables = min(count - 2, Int(bytes[0]) | Int(bytes[1]) << 8)
    for components in [CJPEG_YCBCR, CJPEG_RGB] {
        var made: OpaquePointer?
        guard cjpeg_tiles_create(bytes + 2, tables, components, 256, 256, &made) == 0, let decoder = made else {
            continue
        }
        defer { cjpeg_tiles_free(decoder) }
        var pixels = [UInt8](repeating: 0, count: 256 * 256 * 3)
        // Twice: a decoder is used for many tiles, also after one that was damaged.
        for _ in 0..<2 { _ = cjpeg_tiles_decode(decoder, bytes + 2 + tables, count - 2 - tables, &pixels) }
    }
    return 0
}
