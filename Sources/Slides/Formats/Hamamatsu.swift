import Files
import Foundation
import Records

extension SlideFormat {
    static let hamamatsuNDPI = SlideFormat(name: "Hamamatsu NDPI", endings: ["ndpi"])

    /// An index of JPEG (`vms`) or raw (`vmu`) files.
    static let hamamatsuVMS = SlideFormat(name: "Hamamatsu VMS and VMU", endings: ["vms", "vmu"], files: .named)
}

/// What the index of a VMS or VMU says of the slide's other files: keys and values in a group, as GLib's key files have them.
struct HamamatsuIndex {
    /// A file of the slide.
    struct Part: Equatable {
        /// As the index has it: below the index's folder.
        var name: String
        /// Whether the slide cannot be opened without it. Other focal planes are never shown, and offsets can be found again.
        var isNeeded: Bool

        /// What an index names elsewhere would be read unseen, and would belong to no copy.
        var isOutside: Bool { name.hasPrefix("/") || name.split(separator: "/").contains("..") }

        func place(beside index: URL) -> URL { index.deletingLastPathComponent().appending(path: name) }
    }

    /// Why the slide cannot be read.
    enum Objection: Equatable {
        case missing(String)
        case outside(String)
        /// A form of pixels, in words, at which OpenSlide 4.0.1 ends the process.
        case pixels(String)
    }

    private enum Group: String, CaseIterable {
        case jpeg = "Virtual Microscope Specimen"
        case raw = "Uncompressed Virtual Microscope Specimen"
    }

    /// In the index's order; empty for what is no index.
    private(set) var parts: [Part] = []
    private var group: Group?
    private var bits: String?
    private var order: String?

    var name: String { group == .raw ? "Hamamatsu VMU" : "Hamamatsu VMS" }

    /// - Throws: `StorageError` where the system does not give the index.
    init(_ index: URL) throws(StorageError) {
        let file = try OpenFile(index)
        guard file.count <= Self.mostBytes else { return }
        var bytes = Array(try file.read(file.count, at: 0))
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        var isOurs = false
        for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            let text = String(decoding: line.drop { $0 <= UInt8(ascii: " ") }, as: UTF8.self)
            if text.hasPrefix("[") {
                let found = Group.allCases.first { text.hasPrefix("[\($0.rawValue)]") }
                (isOurs, group) = (found != nil, found ?? group)
            } else if isOurs, let equals = text.firstIndex(of: "=") {
                let key = text[..<equals].trimmingCharacters(in: .whitespaces)
                take(key, String(text[text.index(after: equals)...].drop { $0 == " " || $0 == "\t" }))
            }
        }
    }

    private mutating func take(_ key: String, _ value: String) {
        guard !value.isEmpty else { return }
        switch key {
        case "BitsPerPixel": bits = value
        case "PixelOrder": order = value
        case "MapFile", "MacroImage": parts.append(Part(name: value, isNeeded: true))
        case "OptimisationFile": parts.append(Part(name: value, isNeeded: false))
        default:
            guard key.hasPrefix("ImageFile") else { return }
            // (plane), (column,row) or (plane,column,row); none of them is zero.
            let numbers = key.dropFirst("ImageFile".count).trimmingCharacters(in: ["(", ")"]).split(separator: ",")
            let isOtherPlane = numbers.count % 2 == 1 && Int(numbers[0]) != 0
            parts.append(Part(name: value, isNeeded: !isOtherPlane))
        }
    }

    /// - Throws: `StorageError` where the system does not tell what lies beside the index.
    func objection(to index: URL) throws(StorageError) -> Objection? {
        for part in parts {
            if part.isOutside { return .outside(part.name) }
            if part.isNeeded, try !RegularFile.exists(part.place(beside: index)) { return .missing(part.name) }
        }
        guard group == .raw, bits.flatMap({ Int($0) }) != 36 || order != "RGB" else { return nil }
        return .pixels("\(bits ?? "unknown") bits in the order \(order ?? "unknown")")
    }

    /// OpenSlide takes no larger one.
    private static let mostBytes = 64 << 10
}
