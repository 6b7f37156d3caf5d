import Files
import Foundation
import Records

extension SlideFormat {
    static let hamamatsuNDPI = SlideFormat(name: "Hamamatsu NDPI", endings: ["ndpi"])

    /// An index of JPEG (`vms`) or raw (`vmu`) files.
    static let hamamatsuVMS = SlideFormat(name: "Hamamatsu VMS and VMU", endings: ["vms", "vmu"], files: .named)
}

/// What the index of a VMS or VMU says of the slide's other files.
struct HamamatsuIndex {
    /// A file of the slide.
    struct Part: Equatable {
        /// As the index has it: below the index's folder.
        var name: String
        /// Whether the slide cannot be opened without it. Other focal planes are never shown, and offsets can be found again.
        var isNeeded: Bool

        func place(beside index: URL) -> URL { index.deletingLastPathComponent().appending(path: name) }
    }

    private static let groups = ["Virtual Microscope Specimen", rawGroup]
    private static let rawGroup = "Uncompressed Virtual Microscope Specimen"
    /// OpenSlide takes no larger one.
    private static let mostBytes = 64 << 10

    /// In the index's order; empty for what is no index.
    let parts: [Part]
    private let file: KeyFile
    private let isRaw: Bool

    var name: String { isRaw ? "Hamamatsu VMU" : "Hamamatsu VMS" }

    /// - Throws: `StorageError` where the system does not give the index.
    init(_ index: URL) throws(StorageError) {
        file = try KeyFile(index, mostBytes: Self.mostBytes)
        isRaw = file.entries.contains { $0.group == Self.rawGroup }
        parts = file.entries.filter { Self.groups.contains($0.group) }.compactMap(Self.part)
    }

    private static func part(_ entry: KeyFile.Entry) -> Part? {
        switch entry.key {
        case "MapFile", "MacroImage": return Part(name: entry.value, isNeeded: true)
        case "OptimisationFile": return Part(name: entry.value, isNeeded: false)
        default:
            guard entry.key.hasPrefix("ImageFile") else { return nil }
            // (plane), (column,row) or (plane,column,row); none of them is zero.
            let place = entry.key.dropFirst("ImageFile".count).trimmingCharacters(in: ["(", ")"])
            let numbers = place.split(separator: ",")
            let isOtherPlane = numbers.count % 2 == 1 && Int(numbers[0]) != 0
            return Part(name: entry.value, isNeeded: !isOtherPlane)
        }
    }

    /// - Throws: `StorageError` where the system does not tell what lies beside the index.
    func objection(to index: URL) throws(StorageError) -> IndexObjection? {
        for part in parts {
            if part.name.leadsOutside { return .outside(part.name) }
            if part.isNeeded, try !RegularFile.exists(part.place(beside: index)) { return .missing(part.name) }
        }
        let (bits, order) = (file[Self.rawGroup, "BitsPerPixel"], file[Self.rawGroup, "PixelOrder"])
        guard isRaw, bits.flatMap({ Int($0) }) != 36 || order != "RGB" else { return nil }
        return .content(
            "with pixels of \(bits ?? "unknown") bits in the order \(order ?? "unknown")",
            wayOut: "36 bits in the order RGB are read; export the slide as SVS, NDPI or TIFF"
        )
    }
}
