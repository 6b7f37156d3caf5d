import Foundation

/// The text of a CSV table and where its cells lie in it: comma-, semicolon- or tab-separated. Cells become texts when they are
/// asked for, so that a table of a million lines takes little more memory than its file.
final class TableText: Sendable {
    struct Fault: Error {
        var line: Int
        var reason: String
    }

    /// As many as a spreadsheet has.
    static let mostColumns = 16_384

    struct Line {
        /// In the file, counted from 1; of a line with line breaks in its cells the first.
        var number: Int
        /// Index in `starts` of its first cell; one more start, that of the next line, follows those of its cells.
        var first: Int
        var width: Int
    }

    private let bytes: Data
    private let starts: [UInt32]
    /// Those with any text.
    let lines: [Line]

    /// - Parameter bytes: UTF-8.
    /// - Throws: `Fault` for the first quotation mark that is out of place, or a line of too many cells.
    init(_ bytes: Data) throws(Fault) {
        // Places are counted from the beginning, in 32 bits.
        let bytes = bytes.startIndex == 0 ? bytes : Data(bytes)
        guard bytes.count < Int(UInt32.max) else { throw Fault(line: 1, reason: "the table is too long") }
        self.bytes = bytes
        var reading = Reading()
        do { try bytes.withUnsafeBytes { try reading.read($0) } } catch let fault as Fault { throw fault } catch {
            throw Fault(line: 1, reason: "\(error)")
        }
        (starts, lines) = (reading.starts, reading.lines)
    }

    /// A cell without blanks around it and without its quotation marks.
    func cell(_ index: Int, of line: Line) -> String {
        let place = line.first + index
        // The separator lies between.
        return bytes.withUnsafeBytes { Self.text($0, Int(starts[place])..<Int(starts[place + 1]) - 1) }
    }

    func cells(of line: Line) -> [String] { (0..<line.width).map { cell($0, of: line) } }

    fileprivate static func text(_ bytes: UnsafeRawBufferPointer, _ place: Range<Int>) -> String {
        var (start, end) = (place.lowerBound, place.upperBound)
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        guard start < end else { return "" }
        let isQuoted = bytes[start] == mark && bytes[end - 1] == mark && end - start > 1
        if isQuoted { (start, end) = (start + 1, end - 1) }
        var text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
        if bytes[start..<end].contains(mark) { text = text.replacing("\"\"", with: "\"") }
        // Blanks beyond ASCII, and those inside quotation marks.
        guard let first = text.utf8.first, let last = text.utf8.last,
            first >= 0x80 || last >= 0x80 || isBlank(first) || isBlank(last)
        else { return text }
        return text.trimmingCharacters(in: .whitespaces)
    }

    fileprivate static let mark = UInt8(ascii: "\"")

    fileprivate static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

/// One pass over the bytes.
private struct Reading {
    var starts: [UInt32] = []
    var lines: [TableText.Line] = []

    /// Where the pass is inside a cell.
    private enum Place {
        /// Before any text of it.
        case start
        case plain
        case quoted
        /// After the closing quotation mark.
        case closed
    }

    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(TableText.Fault) {
        let separator = Self.separator(of: bytes)
        var (place, at, number) = (Place.start, 0, 1)
        var line = TableText.Line(number: 1, first: 0, width: 0)
        var hasText = false
        starts.append(0)
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case TableText.mark:
                place = try Self.quotation(place, at: &at, bytes, line.number)
                hasText = true
            case separator where place != .quoted:
                line.width += 1
                guard line.width < TableText.mostColumns else {
                    let reason = "more than \(TableText.mostColumns) columns; is this the table that was meant?"
                    throw TableText.Fault(line: line.number, reason: reason)
                }
                starts.append(UInt32(at))
                place = .start
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                // Both together are one line break.
                let isPair = byte == UInt8(ascii: "\r") && at < bytes.count && bytes[at] == UInt8(ascii: "\n")
                if place == .quoted {
                    if !isPair { number += 1 }
                    continue
                }
                end(&line, at: at, hasText, bytes)
                if isPair { at += 1 }
                number += 1
                line = TableText.Line(number: number, first: starts.count, width: 0)
                starts.append(UInt32(at))
                (place, hasText) = (.start, false)
            case 0x20, 0x09: break
            default:
                if place == .closed { throw Self.misplaced(line.number) }
                if place == .start { place = .plain }
                hasText = true
            }
        }
        if place == .quoted { throw TableText.Fault(line: line.number, reason: "a quotation mark is never closed") }
        end(&line, at: at + 1, hasText, bytes)
    }

    /// What a quotation mark at `at - 1` does; one that is doubled is passed over.
    private static func quotation(
        _ place: Place,
        at: inout Int,
        _ bytes: UnsafeRawBufferPointer,
        _ line: Int
    ) throws(TableText.Fault) -> Place {
        let isDoubled = at < bytes.count && bytes[at] == TableText.mark
        switch place {
        case .start: return .quoted
        case .quoted where isDoubled, .plain where isDoubled:
            at += 1
            return place
        case .quoted: return .closed
        case .plain, .closed: throw misplaced(line)
        }
    }

    private static func misplaced(_ line: Int) -> TableText.Fault {
        TableText.Fault(line: line, reason: "quotation marks are wanted around a whole cell, and doubled inside it")
    }

    private mutating func end(
        _ line: inout TableText.Line,
        at next: Int,
        _ hasText: Bool,
        _ bytes: UnsafeRawBufferPointer
    ) {
        line.width += 1
        starts.append(UInt32(next))
        // What is no blank may still be one, beyond ASCII, or nothing between quotation marks.
        let isFilled =
            hasText
            && (0..<line.width).contains { cell in
                let start = Int(starts[line.first + cell])
                return !TableText.text(bytes, start..<Int(starts[line.first + cell + 1]) - 1).isEmpty
            }
        if isFilled { lines.append(line) } else { starts.removeLast(starts.count - line.first) }
    }

    /// The first of the known separators that stands outside of quotation marks in the first line with text; a comma where
    /// there is none.
    private static func separator(of bytes: UnsafeRawBufferPointer) -> UInt8 {
        var isQuoted = false
        var hasText = false
        for byte in bytes {
            switch byte {
            case TableText.mark: isQuoted.toggle()
            case UInt8(ascii: ","), UInt8(ascii: ";"), 0x09:
                if !isQuoted { return byte }
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if hasText, !isQuoted { return UInt8(ascii: ",") }
            case 0x20: break
            default: hasText = true
            }
        }
        return UInt8(ascii: ",")
    }
}
