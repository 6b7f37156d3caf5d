import Foundation

/// The letters of text files from other programs and machines.
enum ForeignText {
    /// The text in UTF-8, without a byte order mark. What is no UTF and has no mark is taken for single bytes of Latin-1.
    static func utf8(_ data: Data) -> Data {
        let marks: [([UInt8], String.Encoding)] = [
            ([0xEF, 0xBB, 0xBF], .utf8), ([0xFF, 0xFE, 0, 0], .utf32LittleEndian),
            ([0, 0, 0xFE, 0xFF], .utf32BigEndian),
            ([0xFF, 0xFE], .utf16LittleEndian), ([0xFE, 0xFF], .utf16BigEndian),
        ]
        var (body, encoding) = (data, String.Encoding.utf8)
        if let (mark, found) = marks.first(where: { data.starts(with: $0.0) }) {
            (body, encoding) = (data.dropFirst(mark.count), found)
        } else if let first = data.first, data.count > 1 {
            // Without a mark: JSON begins with an ASCII character.
            let second = data[data.startIndex + 1]
            if first != 0, second == 0 { encoding = .utf16LittleEndian }
            if first == 0, second != 0 { encoding = .utf16BigEndian }
        }
        if encoding == .utf8 {
            if String(validating: body, as: UTF8.self) != nil { return Data(body) }
            encoding = .isoLatin1
        }
        return String(data: body, encoding: encoding).map { Data($0.utf8) } ?? Data(body)
    }
}
