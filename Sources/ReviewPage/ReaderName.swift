import Foundation

/// How readers call themselves.
enum ReaderName {
    /// Without blanks around it and characters that nobody sees.
    static func cleaned(_ text: String) -> String {
        let seen = text.unicodeScalars.filter { $0.properties.generalCategory != .format }
        return String(String.UnicodeScalarView(seen)).split { " \t\u{A0}".contains($0) }.joined(separator: " ")
    }

    /// Names with one key are one reader's: `Ann`, `ann` and ` ANN `.
    static func key(_ name: String) -> String {
        cleaned(name).precomposedStringWithCanonicalMapping.lowercased()
    }
}
