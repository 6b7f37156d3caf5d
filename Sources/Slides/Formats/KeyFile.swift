import Files
import Foundation
import Records

/// Keys and values in groups, as GLib's key files have them: what names the files of a VMS, a VMU or a MIRAX.
struct KeyFile {
    struct Entry {
        var group: String
        var key: String
        var value: String
    }

    /// In the file's order, without those that have no value.
    private(set) var entries: [Entry] = []

    /// - Parameter mostBytes: a larger file has no entries.
    /// - Throws: `StorageError` where the system does not give the file.
    init(_ url: URL, mostBytes: Int) throws(StorageError) {
        let file = try OpenFile(url)
        guard file.count <= mostBytes else { return }
        var bytes = Array(try file.read(file.count, at: 0))
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        var group = ""
        for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            let text = String(decoding: line.drop { $0 <= UInt8(ascii: " ") }, as: UTF8.self)
            if text.hasPrefix("[") {
                group = String(text.dropFirst().prefix { $0 != "]" })
            } else if let equals = text.firstIndex(of: "=") {
                let key = text[..<equals].trimmingCharacters(in: .whitespaces)
                let value = text[text.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
                if !value.isEmpty { entries.append(Entry(group: group, key: key, value: String(value))) }
            }
        }
    }

    /// The last one, as in GLib.
    subscript(group: String, key: String) -> String? {
        entries.last { $0.group == group && $0.key == key }?.value
    }
}

/// Why a slide of several files cannot be read, told by the one of them that names the others.
enum IndexObjection: Equatable {
    case missing(String)
    case outside(String)
    /// What OpenSlide 4.0.1 ends the process at, or is lost in, in words.
    case content(String, wayOut: String)
}

extension String {
    /// What an index names elsewhere would be read unseen, and would belong to no copy.
    var leadsOutside: Bool { hasPrefix("/") || split(separator: "/").contains("..") }
}
