import Files
import Foundation

/// Where the frames of an instance lie in its file (PS3.5, annex A.4; PS3.3, C.7.6.3.1.8).
struct DICOMFrames {
    /// Of each frame: its own bytes, or its items with their heads.
    private var starts: [Int] = []
    private var ends: [Int] = []
    private let isEncapsulated: Bool
    private let file: OpenFile

    var count: Int { starts.count }

    /// - Throws: `SlideFault` where the file has not as many frames as it says; `StorageError`.
    init(_ file: OpenFile, _ header: DICOMHeader, _ body: DICOMBody, _ codec: DICOMTransferSyntax.Codec) throws {
        self.file = file
        isEncapsulated = codec.isEncapsulated
        guard let pixels = body.pixels else { throw SlideFault(text: "it ends before its pixels") }
        guard isEncapsulated else {
            guard !pixels.isOpen else { throw SlideFault(text: "its pixels have no length") }
            try place(header, in: pixels.value)
            return
        }
        guard pixels.isOpen else { throw SlideFault(text: "its frames are not in items") }
        let first = pixels.value.lowerBound
        guard let table = try Self.item(at: first, file) else { throw SlideFault(text: "it has no frame") }
        let base = first + 8 + table
        if let offsets = body.extendedOffsets, let lengths = body.extendedLengths,
            try take(extended: offsets, lengths, base: base, header.frames)
        {
            return
        }
        if try take(basic: first + 8..<base, base: base, header.frames) { return }
        try scan(from: base, header.frames, codec)
    }

    /// One after the other, without heads.
    private mutating func place(_ header: DICOMHeader, in value: Range<Int>) throws {
        let size = header.form.frameBytes(width: header.columns, height: header.rows)
        let (bytes, overflow) = size.multipliedReportingOverflow(by: header.frames)
        guard size > 0, !overflow, bytes <= value.count else {
            throw SlideFault(text: "its pixels are \(value.count) bytes, too few for \(header.frames) frames")
        }
        starts = (0..<header.frames).map { value.lowerBound + $0 * size }
        ends = starts.map { $0 + size }
    }

    /// - Returns: false where the table does not hold, so that the items themselves are to be looked at.
    private mutating func take(
        extended offsets: DICOMElement,
        _ lengths: DICOMElement,
        base: Int,
        _ frames: Int
    ) throws -> Bool {
        guard offsets.value.count == frames * 8, lengths.value.count == frames * 8 else { return false }
        let positions = try Self.numbers(offsets.value, width: 8, file)
        let sizes = try Self.numbers(lengths.value, width: 8, file)
        let room = UInt64(max(0, file.count - base - 8))
        guard zip(positions, sizes).allSatisfy({ $0 < room && $1 <= room - $0 && $1 > 0 }) else { return false }
        starts = positions.map { base + Int($0) }
        // Items have an even length.
        ends = zip(starts, sizes).map { $0 + 8 + Int($1) + Int($1) % 2 }
        return try holds(frames)
    }

    private mutating func take(basic table: Range<Int>, base: Int, _ frames: Int) throws -> Bool {
        guard frames > 0, table.count == frames * 4 else { return false }
        let offsets = try Self.numbers(table, width: 4, file)
        // Beyond 4 GB they begin anew.
        guard offsets.first == 0, zip(offsets, offsets.dropFirst()).allSatisfy({ $0 < $1 }),
            let last = offsets.last, last < UInt64(max(0, file.count - base))
        else { return false }
        starts = offsets.map { base + Int($0) }
        ends = starts.dropFirst() + [file.count]
        return try holds(frames)
    }

    /// Whether the first frame and the last begin where a table says.
    private mutating func holds(_ frames: Int) throws -> Bool {
        do {
            for place in [starts.first, starts.last].compactMap(\.self) {
                guard try Self.item(at: place, file) != nil else { throw Self.cutShort }
            }
            return true
        } catch is SlideFault {
            (starts, ends) = ([], [])
            return false
        }
    }

    /// Goes over all items; a frame begins with each, or where there are more than frames, with each that begins a stream.
    private mutating func scan(from base: Int, _ frames: Int, _ codec: DICOMTransferSyntax.Codec) throws {
        var items: [Int] = []
        var place = base
        while let length = try Self.item(at: place, file) {
            guard items.count < Self.mostItems else { throw SlideFault(text: "its frames are in too many pieces") }
            items.append(place)
            place += 8 + length
        }
        if items.count > frames {
            items = try items.filter { try Self.begins(codec, at: $0 + 8, file) }
        }
        guard items.count == frames else {
            throw SlideFault(text: "it says to have \(frames) frames and has \(items.count)")
        }
        starts = items
        ends = items.dropFirst() + [place]
    }

    private static func begins(_ codec: DICOMTransferSyntax.Codec, at place: Int, _ file: OpenFile) throws -> Bool {
        switch codec {
        case .jpeg: try file.read(2, at: place).elementsEqual([0xFF, 0xD8])
        case .jpeg2000: try file.read(4, at: place).elementsEqual([0xFF, 0x4F, 0xFF, 0x51])
        // One item is one frame (PS3.5, annex G).
        case .runLength, .none: true
        }
    }

    /// The length of the item at a place; nil at the end of all.
    /// - Throws: `SlideFault` where there is neither.
    private static func item(at place: Int, _ file: OpenFile) throws -> Int? {
        let head = [UInt8](try file.read(8, at: place))
        // Some writers leave out the delimiter at the end.
        if head.isEmpty { return nil }
        guard head.count == 8, head[0] == 0xFE, head[1] == 0xFF, head[3] == 0xE0 else { throw cutShort }
        if head[2] == 0xDD { return nil }
        let length = (4..<8).reversed().reduce(0) { $0 << 8 | Int(head[$1]) }
        guard head[2] == 0, length <= file.count - place - 8 else { throw cutShort }
        return length
    }

    private static func numbers(_ part: Range<Int>, width: Int, _ file: OpenFile) throws -> [UInt64] {
        var bytes = DICOMBytes(file)
        return try stride(from: part.lowerBound, to: part.upperBound, by: width).map { try bytes.number(width, at: $0) }
    }

    private static let cutShort = SlideFault(text: "its frames are cut short or damaged")
    private static let mostItems = 1 << 23
}

extension DICOMFrames {
    /// How many bytes a frame takes.
    func size(of frame: Int) -> Int { ends[frame] - starts[frame] }

    /// The bytes of a frame; of several pieces, one after the other.
    /// - Throws: `SlideFault` for more than `limit` and where the items are damaged; `StorageError`.
    func read(_ frame: Int, limit: Int) throws -> Data {
        let (start, end) = (starts[frame], ends[frame])
        guard isEncapsulated else { return try file.read(end - start, at: start) }
        var bytes = Data()
        var place = start
        while place < end, let length = try Self.item(at: place, file) {
            guard length <= limit - bytes.count else { throw SlideFault(text: "frame \(frame) is too large") }
            let piece = try file.read(length, at: place + 8)
            if bytes.isEmpty { bytes = piece } else { bytes.append(piece) }
            place += 8 + length
        }
        return bytes
    }

    /// Of all that `read` goes by, for a comparison.
    var fingerprint: String {
        var data = Data(capacity: starts.count * 8)
        for start in starts { withUnsafeBytes(of: start.littleEndian) { data.append(contentsOf: $0) } }
        return Digest.sha256(data)
    }
}
