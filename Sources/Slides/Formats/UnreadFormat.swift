import Foundation

/// A kind of file that people name as a slide and that no reader takes: how it is told, and what to do.
struct UnreadFormat: Sendable {
    /// Any one is enough.
    enum Sign: Sendable {
        /// The ending is one of the row's.
        case ending
        /// These bytes at this place.
        case bytes([UInt8], at: Int = 0)
        /// The file is a text that begins so, in lower case; spaces before it do not count.
        case text(String)
        /// A mark of a markup language stands in its first bytes, and this, in lower case, among them.
        case markup(String)
        /// The file has this name.
        case name(String)
        /// The row's folder is not there.
        case lonely(ending: String)
        /// All of the first bytes are zeros.
        case zeros
    }

    /// The folder that a format keeps beside a file, by what stands around the file's name.
    struct Companion: Sendable {
        var prefix = ""
        var suffix = ""

        func name(of file: URL) -> String { prefix + file.deletingPathExtension().lastPathComponent + suffix }
    }

    /// As in "…, which is not read".
    var name: String
    /// In lower case.
    var endings: [String] = []
    var signs: [Sign] = [.ending]
    var companion: Companion?
    /// Whether one slide is a folder of many files, which has the ending.
    var isFolder = false
    /// What is said of its files in a folder that is searched; nil: that they are not readable.
    var inFolders: String?
    var wayOut: String

    var note: String { inFolders ?? "\(name), not readable" }

    /// The row of an ending.
    static func of(ending: String) -> UnreadFormat? { byEnding[ending.lowercased()] }

    private static let byEnding = Dictionary(
        all.flatMap { format in format.endings.map { ($0, format) } },
        uniquingKeysWith: { first, _ in first }
    )

    /// The row of a file.
    /// - Parameter head: its first bytes, up to `headBytes`.
    static func of(_ file: URL, head: Data) -> UnreadFormat? {
        let start = Head(head)
        return all.first { format in format.signs.contains { $0.isOf(file, start, format) } }
    }

    /// The name, with what is missing beside the file.
    func name(of file: URL) -> String {
        guard let companion else { return name }
        return companion.isBeside(file) ? name : "\(name) without its folder \(companion.name(of: file))"
    }

    /// How many of a file's first bytes are looked at.
    static let headBytes = 4096
}

extension UnreadFormat.Companion {
    fileprivate func isBeside(_ file: URL) -> Bool {
        var isFolder: ObjCBool = false
        let folder = file.deletingLastPathComponent().appending(path: name(of: file))
        return FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) && isFolder.boolValue
    }
}

/// The first bytes of a file.
private struct Head {
    let bytes: [UInt8]
    /// In lower case, without what is no ASCII, such as the mark of the order of bytes, and without spaces before it.
    let text: String

    init(_ head: Data) {
        bytes = [UInt8](head)
        let ascii = bytes.prefix(1024).filter { $0 < 128 }
        text = String(decoding: ascii.drop { $0 <= UInt8(ascii: " ") }, as: UTF8.self).lowercased()
    }

    func has(_ wanted: [UInt8], at place: Int) -> Bool {
        place + wanted.count <= bytes.count && bytes[place..<(place + wanted.count)].elementsEqual(wanted)
    }
}

extension UnreadFormat.Sign {
    fileprivate func isOf(_ file: URL, _ head: Head, _ format: UnreadFormat) -> Bool {
        let ending = file.pathExtension.lowercased()
        return switch self {
        case .ending: format.endings.contains(ending)
        case .bytes(let wanted, let place): head.has(wanted, at: place)
        case .text(let beginning): head.text.hasPrefix(beginning)
        case .markup(let mark): head.text.hasPrefix("<") && head.text.contains(mark)
        case .name(let name): file.lastPathComponent == name
        case .lonely(let wanted): ending == wanted && format.companion?.isBeside(file) == false
        case .zeros: !head.bytes.isEmpty && head.bytes.allSatisfy { $0 == 0 }
        }
    }
}
