public import Foundation

/// The letters of text files from other programs and machines.
public enum ForeignText {
    /// Text that is in no encoding which is read here.
    public struct Fault: Error {
        /// Names the encoding and the way out.
        let reason: String
    }

    private static let marks: [([UInt8], String.Encoding)] = [
        ([0xEF, 0xBB, 0xBF], .utf8), ([0xFF, 0xFE, 0, 0], .utf32LittleEndian), ([0, 0, 0xFE, 0xFF], .utf32BigEndian),
        ([0xFF, 0xFE], .utf16LittleEndian), ([0xFE, 0xFF], .utf16BigEndian),
    ]

    /// The text in UTF-8, without a byte order mark. What is no UTF, or not the one of its mark, is taken for single bytes of
    /// Latin-1: what is returned is UTF-8 in any case.
    public static func utf8(_ data: Data) -> Data {
        let (encoding, mark) = encoding(of: data)
        let body = data.dropFirst(mark)
        if encoding == .utf8, UTF8Text.fault(in: body) == nil { return body }
        if encoding != .utf8, let text = String(data: body, encoding: encoding) { return Data(text.utf8) }
        // Every byte is a letter of Latin-1.
        return String(data: body, encoding: .isoLatin1).map { Data($0.utf8) } ?? Data()
    }

    /// The text of a file that a person writes, such as a config: UTF-8, or UTF-16 or UTF-32 as a JSON text may be.
    public static func unicode(_ data: Data) throws(Fault) -> Data {
        let (encoding, mark) = encoding(of: data)
        let body = data.dropFirst(mark)
        if encoding == .utf8 {
            try check(body)
            return body
        }
        guard let text = String(data: body, encoding: encoding) else {
            throw Fault(reason: "not \(name(encoding)) text, which its first bytes promise; save it as UTF-8")
        }
        return Data(text.utf8)
    }

    /// How workbooks begin: .xlsx and .ods are ZIP archives, .xls is an OLE file.
    private static let workbooks: [[UInt8]] = [[0x50, 0x4B, 3, 4], [0xD0, 0xCF, 0x11, 0xE0]]

    /// The text of a table: UTF-8 alone, with or without a mark.
    public static func table(_ data: Data) throws(Fault) -> Data {
        let head = Array(data.prefix(4))
        if workbooks.contains(where: { head.starts(with: $0) }) {
            throw Fault(
                reason:
                    "a spreadsheet's workbook and no text; save its sheet as 'CSV UTF-8' (in LibreOffice: Save As, Text CSV)"
            )
        }
        let (encoding, mark) = encoding(of: data)
        guard encoding == .utf8 else {
            let name = name(encoding)
            throw Fault(
                reason: "not UTF-8 text but \(name); save it as 'CSV UTF-8', or run: iconv -f \(name) -t UTF-8 IN > OUT"
            )
        }
        let body = data.dropFirst(mark)
        try check(body)
        return body
    }

    private static func check(_ body: Data) throws(Fault) {
        guard let offset = UTF8Text.fault(in: body) else { return }
        let byte = String(body[body.startIndex + offset], radix: 16, uppercase: true)
        throw Fault(
            reason:
                "not UTF-8 text: byte 0x\(byte) in line \(UTF8Text.line(of: offset, in: body)), as Windows-1252 or Latin-1 "
                + "have it; save it as UTF-8, or run: iconv -f WINDOWS-1252 -t UTF-8 IN > OUT"
        )
    }

    /// - Returns: also the length of the mark.
    private static func encoding(of data: Data) -> (String.Encoding, mark: Int) {
        let head = Array(data.prefix(4))
        if let (mark, found) = marks.first(where: { head.starts(with: $0.0) }) { return (found, mark.count) }
        guard let first = data.first, data.count > 1 else { return (.utf8, 0) }
        // Without a mark: JSON, XML and the header of a table begin with an ASCII character.
        let second = data[data.startIndex + 1]
        if first != 0, second == 0 { return (.utf16LittleEndian, 0) }
        return (first == 0 && second != 0 ? .utf16BigEndian : .utf8, 0)
    }

    private static func name(_ encoding: String.Encoding) -> String {
        switch encoding {
        case .utf16LittleEndian, .utf16BigEndian: "UTF-16"
        case .utf32LittleEndian, .utf32BigEndian: "UTF-32"
        default: "UTF-8"
        }
    }
}
