import CTIFF
import Foundation

/// The directories of a TIFF, and the tiles or rows of each as they are stored and decoded.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    ctiff_be_silent()
    FuzzInput.file("s.tif", bytes, count) { url in
        var opened: OpaquePointer?
        guard ctiff_open(url.path, &opened) == 0, let file = opened else { return }
        defer { ctiff_close(file) }
        var directory = ctiff_directory()
        var children: [UInt64] = []
        for _ in 0..<16 {
            if ctiff_describe(file, &directory) == 0 {
                children += UnsafeBufferPointer(start: directory.children, count: Int(directory.child_count)).prefix(16)
                read(file, directory)
            }
            if ctiff_select_next(file) != 0 { break }
        }
        for child in children.prefix(16) where ctiff_select(file, child) == 0 {
            if ctiff_describe(file, &directory) == 0 { read(file, directory) }
        }
    }
    return 0
}

private func read(_ file: OpaquePointer, _ directory: ctiff_directory) {
    var sum = UInt8(truncatingIfNeeded: ctiff_has_tag(file, 65_420))
    if let tables = directory.jpeg_tables { for i in 0..<Int(directory.jpeg_tables_count) { sum &+= tables[i] } }
    if let profile = directory.icc_profile { for i in 0..<Int(directory.icc_profile_count) { sum &+= profile[i] } }
    for text in [directory.description, directory.software] {
        if let text { sum &+= UInt8(truncatingIfNeeded: strlen(text)) }
    }
    for part in 0..<min(directory.part_count, 64) {
        var size: UInt64 = 0
        guard ctiff_byte_count(file, part, &size) == 0, size <= 1 << 20 else { continue }
        var stored = [UInt8](repeating: sum, count: Int(size))
        _ = ctiff_read_stored(file, part, &stored, stored.count)
    }
    guard directory.decoded_bytes <= 1 << 20 else { return }
    var decoded = [UInt8](repeating: sum, count: Int(directory.decoded_bytes))
    for part in 0..<min(directory.part_count, 8) where directory.is_tiled != 0 {
        _ = ctiff_decode_tile(file, part, &decoded, decoded.count)
    }
    for row in 0..<min(directory.height, 64) where directory.is_tiled == 0 {
        _ = ctiff_decode_row(file, row, 0, &decoded, decoded.count)
    }
}
