import Files
import Foundation
import Records
import Storage

/// Where a TIFF keeps its directories and their values (TIFF 6.0, section 2; BigTIFF), read with the system's own reason for
/// every failure: libtiff leaves out what the disk does not give, a tag or all directories from one on, as if it were not there.
///
/// Only the disk is of interest here. What makes no sense in the file ends the walk: OpenSlide and libtiff judge that.
struct TIFFWalk {
    struct Directory {
        var width = 0
        var height = 0
        var tileWidth = 0
        var tileHeight = 0
        var compression = 1
        var photometric = 0
        /// Where the tiles begin in the file, and how long they are.
        var tileOffsets: Values?
        var tileByteCounts: Values?
        /// Every entry, by its tag.
        var entries: [Int: Values] = [:]
        /// What JPEG tiles have in common.
        var jpegTables: Values? { entries[347] }
        /// Of an image in strips.
        var rowsPerStrip = 0
        var stripOffsets: Values?
        var stripByteCounts: Values?
        /// SubIFDs.
        var children: Values?
        /// Whether its rows and columns are not those that are seen.
        var isTurned = false
    }

    /// Numbers of one tag.
    struct Values {
        var type: Int
        var count: Int
        var position: Int
        /// What the number at the position lacks for its upper half; see `isNDPI`.
        var upper = 0
    }

    private(set) var directories: [Directory] = []
    /// Whether a directory or the values of one should lie where the file has ended.
    private(set) var isCut = false
    let file: OpenFile
    private let isBig: Bool
    private let isLittle: Bool
    /// Hamamatsu's own form: a classic TIFF whose offsets of directories have 8 bytes, and whose values get 4 more each behind the
    /// directory, so that it may have more than 4 GB.
    private var isNDPI = false

    /// Reads every directory and every value that one names.
    /// - Returns: nil for a file that is no TIFF.
    /// - Throws: `StorageError.system` where the disk does not give a part of it.
    init?(_ file: OpenFile) throws(StorageError) {
        let header = try file.read(16, at: 0)
        switch [UInt8](header.prefix(4)) {
        case [0x49, 0x49, 42, 0]: (isLittle, isBig) = (true, false)
        case [0x49, 0x49, 43, 0]: (isLittle, isBig) = (true, true)
        case [0x4D, 0x4D, 0, 42]: (isLittle, isBig) = (false, false)
        case [0x4D, 0x4D, 0, 43]: (isLittle, isBig) = (false, true)
        default: return nil
        }
        self.file = file
        var next = number(header, isBig ? 8 : 4, isBig ? 8 : 4)
        if !isBig, let place = number(header, 4, 8), try hasTagOfNDPI(at: place) { (isNDPI, next) = (true, place) }
        var seen: Set<Int> = []
        while let place = next, place > 0, place < file.count, seen.insert(place).inserted,
            seen.count <= Self.mostDirectories
        {
            next = try readDirectory(at: place)
        }
        if let next, next >= file.count { isCut = true }
        for children in directories.compactMap(\.children) {
            for index in 0..<min(children.count, Self.mostDirectories) {
                guard let place = try self[children, index], place > 0, place < file.count,
                    seen.insert(place).inserted, seen.count <= Self.mostDirectories
                else { continue }
                _ = try readDirectory(at: place)
            }
        }
    }

    /// - Returns: where the next one is; nil at the end.
    private mutating func readDirectory(at place: Int) throws(StorageError) -> Int? {
        let (head, length) = isBig ? (8, 20) : (2, 12)
        let link = isBig || isNDPI ? 8 : 4
        let counted = try file.read(head, at: place)
        guard let entries = number(counted, 0, head), entries <= Self.mostEntries else {
            if counted.count < head { isCut = true }
            return nil
        }
        let width = isBig ? 8 : 4
        let wanted = entries * length + link + (isNDPI ? entries * 4 : 0)
        let bytes = try file.read(wanted, at: place + head)
        if bytes.count < wanted { isCut = true }
        var directory = Directory()
        for entry in 0..<entries {
            let start = entry * length
            let high = isNDPI ? number(bytes, entries * length + link + entry * 4, 4) ?? 0 : 0
            // Beyond any file.
            guard high < 1 << 31 else {
                isCut = true
                continue
            }
            guard let tag = number(bytes, start, 2), let type = number(bytes, start + 2, 2),
                let count = number(bytes, start + 4, width),
                let values = try values(
                    type,
                    count,
                    inline: (bytes, start + 4 + width, place + head + start + 4 + width),
                    upper: high << 32
                )
            else { continue }
            directory.entries[tag] = values
            switch tag {
            case 256: directory.width = try self[values, 0] ?? 0
            case 257: directory.height = try self[values, 0] ?? 0
            case 259: directory.compression = try self[values, 0] ?? 0
            case 262: directory.photometric = try self[values, 0] ?? 0
            case 273: directory.stripOffsets = values
            case 274: directory.isTurned = try self[values, 0] ?? 1 != 1
            case 278: directory.rowsPerStrip = try self[values, 0] ?? 0
            case 279: directory.stripByteCounts = values
            case 330: directory.children = values
            case 322: directory.tileWidth = try self[values, 0] ?? 0
            case 323: directory.tileHeight = try self[values, 0] ?? 0
            case 324: directory.tileOffsets = values
            case 325: directory.tileByteCounts = values
            default: break
            }
        }
        directories.append(directory)
        return number(bytes, entries * length, link)
    }

    private func hasTagOfNDPI(at place: Int) throws(StorageError) -> Bool {
        guard place > 0, place < file.count, let entries = number(try file.read(2, at: place), 0, 2),
            entries <= Self.mostEntries
        else { return false }
        let bytes = try file.read(entries * 12, at: place + 2)
        return (0..<entries).contains { number(bytes, $0 * 12, 2) == 65420 }
    }

    /// The values of an entry, once they were read where they lie elsewhere in the file; nil where they lie outside of it.
    private mutating func values(
        _ type: Int,
        _ count: Int,
        inline: (bytes: Data, offset: Int, position: Int),
        upper: Int
    ) throws(StorageError) -> Values? {
        let width = isBig ? 8 : 4
        guard let size = Self.sizes[type], case let (bytes, overflow) = count.multipliedReportingOverflow(by: size),
            !overflow
        else { return nil }
        if bytes <= width, !(isNDPI && type == 2) {
            return Values(type: type, count: count, position: inline.position, upper: upper)
        }
        guard let position = number(inline.bytes, inline.offset, width).map({ $0 | upper }), position >= 0,
            position < file.count, bytes <= file.count - position
        else {
            isCut = true
            return nil
        }
        try file.probe(position..<position + bytes)
        return Values(type: type, count: count, position: position)
    }

    /// One of a tag's whole numbers; nil where it has none there.
    subscript(values: Values, index: Int) -> Int? {
        get throws(StorageError) {
            guard (0..<values.count).contains(index), let size = Self.sizes[values.type],
                [3, 4, 13, 16, 18].contains(values.type)
            else { return nil }
            return number(try file.read(size, at: values.position + index * size), 0, size).map { $0 | values.upper }
        }
    }

    /// A tag's text up to its end, 16 MB at most; nil for one that is no text.
    func text(_ values: Values) throws(StorageError) -> String? {
        guard values.type == 2 else { return nil }
        let bytes = try file.read(min(values.count, 16 << 20), at: values.position)
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Bytes of the file.
    var count: Int { file.count }

    /// A tag's whole numbers from one of them on, many at once; empty at the end, and where they are none.
    func numbers(_ values: Values, from index: Int) throws(StorageError) -> [Int] {
        guard (0..<values.count).contains(index), let size = Self.sizes[values.type],
            [3, 4, 16].contains(values.type)
        else { return [] }
        let count = min(values.count - index, Self.numbersAtOnce)
        let bytes = try file.read(count * size, at: values.position + index * size)
        return (0..<count).map { number(bytes, $0 * size, size) ?? 0 }
    }

    private func number(_ bytes: Data, _ offset: Int, _ width: Int) -> Int? {
        guard offset >= 0, offset + width <= bytes.count else { return nil }
        let part = bytes[(bytes.startIndex + offset)..<(bytes.startIndex + offset + width)]
        let value = (isLittle ? Array(part.reversed()) : Array(part)).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(exactly: value)
    }

    /// Bytes of a number, by its type.
    private static let sizes = [
        1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8,
    ]
    private static let numbersAtOnce = 8192
    private static let mostDirectories = 4096
    private static let mostEntries = 4096
}

extension TIFFWalk {
    /// Reads the tiles or strips that share pixels with a part of a level, in every directory of the level's size.
    /// - Parameter part: in pixels of the level.
    /// - Returns: false where no directory has such tiles.
    /// - Throws: `StorageError.system` where the disk does not give one of them.
    func probe(_ part: PixelRect, ofLevel size: PixelSize) throws(StorageError) -> Bool {
        var isFound = false
        for directory in directories where directory.width == size.width && directory.height == size.height {
            guard let offsets = directory.tileOffsets ?? directory.stripOffsets,
                let counts = directory.tileByteCounts ?? directory.stripByteCounts, size.width > 0, size.height > 0,
                !directory.isTurned
            else { continue }
            isFound = true
            let isTiled = directory.tileOffsets != nil
            let (width, height) =
                isTiled ? (directory.tileWidth, directory.tileHeight) : (size.width, directory.rowsPerStrip)
            // None says that there is one strip.
            let side = (
                width: width > 0 ? width : size.width, height: height > 0 ? min(height, size.height) : size.height
            )
            let columns = (size.width - 1) / side.width + 1
            let tiles = columns * ((size.height - 1) / side.height + 1)
            let last = (x: (part.x + part.width - 1) / side.width, y: (part.y + part.height - 1) / side.height)
            for row in stride(from: max(0, part.y / side.height), through: last.y, by: 1) {
                for column in stride(from: max(0, part.x / side.width), through: min(last.x, columns - 1), by: 1) {
                    // Each plane has as many.
                    for tile in stride(from: row * columns + column, to: counts.count, by: tiles) {
                        try probe(tile, offsets, counts)
                    }
                }
            }
        }
        return isFound
    }

    private func probe(_ tile: Int, _ offsets: Values, _ counts: Values) throws(StorageError) {
        guard let offset = try self[offsets, tile], let count = try self[counts, tile], offset < file.count else {
            return
        }
        try file.probe(offset..<offset + min(count, file.count - offset))
    }
}
