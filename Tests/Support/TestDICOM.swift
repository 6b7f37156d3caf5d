public import Foundation

/// One instance of a slide in DICOM, made of bytes: every way of storing frames, and each lie that a test wants.
public struct TestDICOM: Sendable {
    public enum Offsets: Sendable {
        case none, basic, extended
    }

    public static let implicit = "1.2.840.10008.1.2"
    public static let explicit = "1.2.840.10008.1.2.1"
    public static let runLength = "1.2.840.10008.1.2.5"
    public static let jpeg = "1.2.840.10008.1.2.4.50"
    public static let jpeg2000 = "1.2.840.10008.1.2.4.90"

    public var transferSyntax = Self.explicit
    public var instance: String
    public var series = "1.2.3"
    public var pyramid: String?
    public var kind = "VOLUME"
    /// Of the level.
    public var width: Int
    public var height: Int
    public var tileWidth = 64
    public var tileHeight = 64
    public var photometric = "RGB"
    public var isPlanar = false
    public var samples = 3
    public var bits = 8
    public var organization: String? = "TILED_FULL"
    /// Of each frame, from 1.
    public var places: [(column: Int, row: Int)] = []
    public var concatenation: (uid: String, offset: Int)?
    /// mm.
    public var spacing: (rows: String, columns: String)? = ("0.0005", "0.0005")
    public var volume: (width: Float, height: Float)?
    public var absentPixel: [UInt16]?
    public var profile: Data?
    public var objectivePower: String?
    public var opticalPaths = 1
    public var focalPlanes = 1
    public var container: String?
    /// In place of how many frames there are.
    public var saidFrames: Int?
    public var offsets = Offsets.basic
    /// Pieces of each frame.
    public var pieces = 1
    /// Whether sequences are written without their lengths.
    public var hasOpenSequences = false
    public var frames: [Data]
    /// What nobody may ever see, in the first group too.
    public var planted: [Planted] = []
    /// In place of the class of whole slide images; nil leaves it out.
    public var sopClass: String? = "1.2.840.10008.5.1.4.1.1.77.1.6"

    public init(instance: String, width: Int, height: Int, frames: [Data] = []) {
        (self.instance, self.width, self.height, self.frames) = (instance, width, height, frames)
    }

    private var isImplicit: Bool { transferSyntax == Self.implicit }
    private var isEncapsulated: Bool { !isImplicit && transferSyntax != Self.explicit }

    public func data() -> Data {
        func joined(_ elements: [(UInt32, Data)]) -> Data {
            elements.sorted { $0.0 < $1.0 }.reduce(into: Data()) { $0 += $1.1 }
        }
        let syntax = element(0x0002_0010, "UI", Self.padded(transferSyntax, with: 0), isImplicit: false)
        let (first, others) = (planted.filter { $0.tag >> 16 == 2 }, planted.filter { $0.tag >> 16 != 2 })
        let meta = joined([(0x0002_0010, syntax)] + first.map { ($0.tag, element($0, isImplicit: false)) })
        let head = element(0x0002_0000, "UL", Self.little(UInt64(meta.count), 4), isImplicit: false)
        let body = joined(others.map { ($0.tag, element($0, isImplicit: isImplicit)) } + described + groups)
        return Data(count: 128) + Data("DICM".utf8) + head + meta + body + pixels
    }

    private var described: [(UInt32, Data)] {
        func text(_ tag: UInt32, _ form: String, _ value: String) -> (UInt32, Data) {
            (tag, element(tag, form, Self.padded(value, with: form == "UI" ? 0 : 32)))
        }
        func number(_ tag: UInt32, _ value: Int, _ form: String = "US") -> (UInt32, Data) {
            (tag, element(tag, form, Self.little(UInt64(value), form == "US" ? 2 : 4)))
        }
        var all = [
            text(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\\(kind)\\NONE"),
            text(0x0008_0018, "UI", instance),
            text(0x0020_000E, "UI", series), text(0x0020_0052, "UI", "1.2.4"), number(0x0028_0002, samples),
            text(0x0028_0004, "CS", photometric), number(0x0028_0006, isPlanar ? 1 : 0),
            text(0x0028_0008, "IS", "\(saidFrames ?? frames.count)"), number(0x0028_0010, tileHeight),
            number(0x0028_0011, tileWidth), number(0x0028_0100, bits), number(0x0028_0101, bits),
            number(0x0028_0103, 0), number(0x0048_0006, width, "UL"), number(0x0048_0007, height, "UL"),
            number(0x0048_0303, focalPlanes, "UL"),
        ]
        if let sopClass { all.append(text(0x0008_0016, "UI", sopClass)) }
        if let pyramid { all.append(text(0x0008_0019, "UI", pyramid)) }
        if let organization { all.append(text(0x0020_9311, "CS", organization)) }
        if let container { all.append(text(0x0040_0512, "LO", container)) }
        if let (uid, offset) = concatenation {
            all += [text(0x0020_9161, "UI", uid), number(0x0020_9228, offset, "UL")]
        }
        if let volume {
            all.append((0x0048_0001, element(0x0048_0001, "FL", Self.little(UInt64(volume.width.bitPattern), 4))))
            all.append((0x0048_0002, element(0x0048_0002, "FL", Self.little(UInt64(volume.height.bitPattern), 4))))
        }
        if let absentPixel {
            let bytes = absentPixel.reduce(into: Data()) { $0 += Self.little(UInt64($1), 2) }
            all.append((0x0048_0015, element(0x0048_0015, "US", bytes)))
        }
        return all
    }

    private var groups: [(UInt32, Data)] {
        let paths = (0..<opticalPaths).map { index in
            let power = objectivePower.map { element(0x0048_0112, "DS", Self.padded($0, with: 32)) } ?? Data()
            return (profile.map { element(0x0028_2000, "OB", $0) } ?? Data())
                + element(0x0048_0106, "SH", Self.padded("\(index)", with: 32)) + power
        }
        var all = [(UInt32(0x0048_0105), sequence(0x0048_0105, paths))]
        if let spacing {
            let text = Self.padded("\(spacing.rows)\\\(spacing.columns)", with: 32)
            let measures = sequence(0x0028_9110, [element(0x0028_0030, "DS", text)])
            all.append((0x5200_9229, sequence(0x5200_9229, [measures])))
        }
        if !places.isEmpty {
            let items = places.map { column, row in
                let place =
                    element(0x0048_021E, "SL", Self.little(UInt64(UInt32(bitPattern: Int32(column))), 4))
                    + element(0x0048_021F, "SL", Self.little(UInt64(UInt32(bitPattern: Int32(row))), 4))
                return sequence(0x0048_021A, [place])
            }
            all.append((0x5200_9230, sequence(0x5200_9230, items)))
        }
        return all
    }

    private var pixels: Data {
        guard isEncapsulated else {
            let bytes = frames.reduce(Data(), +)
            return element(0x7FE0_0010, "OB", bytes + Data(count: bytes.count % 2))
        }
        var (items, starts): (Data, [Int]) = (Data(), [])
        for frame in frames {
            starts.append(items.count)
            let step = max(2, (frame.count / pieces + 1) / 2 * 2)
            for start in stride(from: 0, to: frame.count, by: step) where start / step < pieces {
                let end = start / step == pieces - 1 ? frame.count : min(frame.count, start + step)
                let piece = frame[(frame.startIndex + start)..<(frame.startIndex + end)]
                items += Self.item(piece + Data(count: piece.count % 2))
            }
        }
        let table = offsets == .basic ? starts.reduce(into: Data()) { $0 += Self.little(UInt64($1), 4) } : Data()
        var extended = Data()
        if offsets == .extended {
            let lengths = frames.map { UInt64($0.count) }
            extended += element(0x7FE0_0001, "OV", starts.reduce(into: Data()) { $0 += Self.little(UInt64($1), 8) })
            extended += element(0x7FE0_0002, "OV", lengths.reduce(into: Data()) { $0 += Self.little($1, 8) })
        }
        let head = Self.tag(0x7FE0_0010) + Data("OB".utf8) + Data(count: 2) + Self.little(0xFFFF_FFFF, 4)
        return extended + head + Self.item(table) + items + Self.tag(0xFFFE_E0DD) + Data(count: 4)
    }

    private func element(_ planted: Planted, isImplicit: Bool) -> Data {
        guard planted.form == "SQ" else {
            return element(planted.tag, planted.form, Self.padded(planted.text, with: 32), isImplicit: isImplicit)
        }
        let items = planted.items.map { item in
            item.sorted { $0.tag < $1.tag }.reduce(into: Data()) { $0 += element($1, isImplicit: isImplicit) }
        }
        return sequence(planted.tag, items)
    }

    private func element(_ tag: UInt32, _ form: String, _ value: Data) -> Data {
        element(tag, form, value, isImplicit: isImplicit)
    }

    private func element(_ tag: UInt32, _ form: String, _ value: Data, isImplicit: Bool) -> Data {
        let value = value + Data(count: value.count % 2)
        if isImplicit { return Self.tag(tag) + Self.little(UInt64(value.count), 4) + value }
        let isLong = ["OB", "OV", "SQ", "UC", "UN", "UR", "UT"].contains(form)
        let length = isLong ? Data(count: 2) + Self.little(UInt64(value.count), 4) : Self.little(UInt64(value.count), 2)
        return Self.tag(tag) + Data(form.utf8) + length + value
    }

    private func sequence(_ tag: UInt32, _ items: [Data]) -> Data {
        guard hasOpenSequences else { return element(tag, "SQ", items.reduce(into: Data()) { $0 += Self.item($1) }) }
        let open = Self.little(0xFFFF_FFFF, 4)
        let form = isImplicit ? Data() : Data("SQ".utf8) + Data(count: 2)
        let inner = items.reduce(into: Data()) {
            $0 += Self.tag(0xFFFE_E000) + open + $1 + Self.tag(0xFFFE_E00D) + Data(count: 4)
        }
        return Self.tag(tag) + form + open + inner + Self.tag(0xFFFE_E0DD) + Data(count: 4)
    }

    private static func item(_ content: Data) -> Data {
        tag(0xFFFE_E000) + little(UInt64(content.count), 4) + content
    }

    private static func tag(_ tag: UInt32) -> Data { little(UInt64(tag >> 16), 2) + little(UInt64(tag & 0xFFFF), 2) }

    private static func padded(_ text: String, with byte: UInt8) -> Data {
        Data(text.utf8) + (text.utf8.count % 2 == 1 ? Data([byte]) : Data())
    }

    private static func little(_ value: UInt64, _ width: Int) -> Data {
        Data((0..<width).map { UInt8(value >> (8 * UInt64($0)) & 255) })
    }
}

extension TestDICOM {
    /// An element with a text, or a sequence (`SQ`) of items.
    public struct Planted: Sendable {
        public var tag: UInt32
        public var form: String
        public var text: String
        public var items: [[Planted]]

        public init(_ tag: UInt32, _ form: String, _ text: String = "", items: [[Planted]] = []) {
            (self.tag, self.form, self.text, self.items) = (tag, form, text, items)
        }
    }

    /// The tiles of a picture, uncompressed and row by row; beyond its edge they are black.
    public static func tiles(
        _ width: Int,
        _ height: Int,
        tile: Int = 64,
        pixel: (Int, Int) -> [UInt8]
    ) -> [Data] {
        var all: [Data] = []
        for top in stride(from: 0, to: height, by: tile) {
            for left in stride(from: 0, to: width, by: tile) {
                var bytes = Data()
                for y in top..<(top + tile) {
                    for x in left..<(left + tile) {
                        bytes.append(contentsOf: x < width && y < height ? pixel(x, y) : [0, 0, 0])
                    }
                }
                all.append(bytes)
            }
        }
        return all
    }
}
