import CTIFF

/// A TIFF that libtiff has open, with one of its directories selected.
final class TIFFFile {
    private let file: OpaquePointer

    /// Selects the first directory.
    /// - Returns: nil where libtiff cannot read that.
    init?(path: String) {
        _ = Self.silence
        var opened: OpaquePointer?
        guard ctiff_open(path, &opened) == 0, let opened else { return nil }
        file = opened
    }

    /// Selects a directory that was found in the file before.
    /// - Returns: nil where it is no longer there.
    convenience init?(path: String, _ directory: TIFFDirectory) {
        self.init(path: path)
        guard select(directory.offset)?.isSameImage(as: directory) == true else { return nil }
    }

    deinit { ctiff_close(file) }

    /// The directories in their order, each with those below it; what follows one that cannot be read is left out, as libtiff
    /// does. The selected one is then another.
    func directories() -> [TIFFDirectory] {
        var found: [TIFFDirectory] = []
        var seen: Set<UInt64> = []
        repeat {
            guard let directory = selected(), seen.insert(directory.offset).inserted else { break }
            found.append(directory)
        } while found.count < Self.mostDirectories && ctiff_select_next(file) == 0
        for index in found.indices {
            for place in found[index].childOffsets where seen.count < Self.mostDirectories {
                guard seen.insert(place).inserted, let child = select(place) else { continue }
                found[index].children.append(child)
            }
        }
        return found
    }

    /// Whether the first directory has a tag, also one that libtiff does not know.
    static func has(_ tag: UInt32, path: String) -> Bool {
        guard let opened = TIFFFile(path: path) else { return false }
        return ctiff_has_tag(opened.file, tag) != 0
    }

    private func select(_ offset: UInt64) -> TIFFDirectory? {
        ctiff_select(file, offset) == 0 ? selected() : nil
    }

    private func selected() -> TIFFDirectory? {
        var described = ctiff_directory()
        return ctiff_describe(file, &described) == 0 ? TIFFDirectory(described) : nil
    }

    /// Stored bytes of a part; 0 for one that the file leaves out, nil where libtiff cannot tell or the file ends before them.
    func byteCount(of part: Int) -> Int? {
        var count: UInt64 = 0
        guard let part = UInt32(exactly: part), ctiff_byte_count(file, part, &count) == 0 else { return nil }
        return Int(exactly: count)
    }

    /// - Returns: false where the file does not give them.
    func readStored(_ part: Int, _ count: Int, into bytes: UnsafeMutablePointer<UInt8>) -> Bool {
        guard let part = UInt32(exactly: part) else { return false }
        return ctiff_read_stored(file, part, bytes, count) == 0
    }

    /// - Parameter count: the directory's `decodedBytes`.
    /// - Returns: false where it cannot be decoded.
    func decodeTile(_ tile: Int, _ count: Int, into bytes: UnsafeMutablePointer<UInt8>) -> Bool {
        guard let tile = UInt32(exactly: tile) else { return false }
        return ctiff_decode_tile(file, tile, bytes, count) == 0
    }

    /// - Parameter count: the directory's `decodedBytes`.
    /// - Returns: false where it cannot be decoded.
    func decodeRow(_ row: Int, plane: Int, _ count: Int, into bytes: UnsafeMutablePointer<UInt8>) -> Bool {
        guard let row = UInt32(exactly: row), let plane = UInt16(exactly: plane) else { return false }
        return ctiff_decode_row(file, row, plane, bytes, count) == 0
    }

    /// libtiff's own lines on stderr would stand beside our one line per error; OpenSlide reads TIFF through it, too.
    static let silence: Void = ctiff_be_silent()

    private static let mostDirectories = 4096
}
