public import Foundation
import FoundationXML

/// XML as its elements with their attributes and words; nothing outside of the file is read.
public struct XMLTree: Sendable {
    public struct Element: Sendable {
        public var name: String
        public var attributes: [String: String]
        /// What stands between its tags and in none below it, without the spaces around it.
        public fileprivate(set) var text = ""
        public fileprivate(set) var children: [Element] = []

        /// Those of a name below this one, at any depth, in the file's order.
        public func all(_ name: String) -> [Element] {
            children.flatMap { child in (child.name == name ? [child] : []) + child.all(name) }
        }

        /// An attribute as a number; a decimal comma, as some tools write it after the machine's language, is one.
        public func number(_ attribute: String) -> Double? {
            guard let text = attributes[attribute]?.trimmingCharacters(in: .whitespacesAndNewlines) else { return nil }
            return Double(text) ?? (text.count { $0 == "," } == 1 ? Double(text.replacing(",", with: ".")) : nil)
        }
    }

    public let root: Element

    /// - Throws: `Fault` for text that is no XML, or breaks off, or has what no annotations need: a document type, with the
    ///   entities that it may declare, or elements more than 64 deep.
    public init(_ data: Data) throws(Fault) {
        let whole = ForeignText.utf8(data)
        let (fault, instructions) = whole.withUnsafeBytes { XMLOutline($0).look() }
        if let fault { throw Fault(reason: fault) }
        let text = Self.text(whole, without: instructions)
        let reader = Reader()
        let parser = XMLParser(data: text)
        parser.shouldResolveExternalEntities = false
        parser.delegate = reader
        guard parser.parse() else { throw Fault(reason: "no XML from line \(parser.lineNumber) on") }
        // The parser takes text that breaks off for an end.
        guard let root = reader.root else { throw Fault(reason: "the XML ends before its elements do") }
        self.root = root
    }

    /// Letters that are no UTF-8 stop Foundation's parser, and with it the process. The text is UTF-8 by now, and what its
    /// declaration says of its own letters may no longer be true. A processing instruction without a word after its name
    /// (`<?a?>`) ends the process, too.
    /// - Parameter instructions: their places from the beginning of the text, in its order.
    private static func text(_ whole: Data, without instructions: [Range<Int>]) -> Data {
        var text: [UInt8] = []
        var done = whole.startIndex
        for place in instructions {
            let (start, end) = (whole.startIndex + place.lowerBound, whole.startIndex + place.upperBound)
            // In as many lines as before, for messages.
            text += whole[done..<start]
            text += whole[start..<end].filter { $0 == UInt8(ascii: "\n") }
            done = end
        }
        return Data(text + whole[done...])
    }

    public struct Fault: Error {
        public let reason: String
    }

    private final class Reader: NSObject, XMLParserDelegate {
        private var open: [Element] = []
        private(set) var root: Element?

        func parser(
            _ parser: XMLParser,
            didStartElement element: String,
            namespaceURI: String?,
            qualifiedName: String?,
            attributes: [String: String]
        ) {
            // The outline and the parser could see different tags in text that is no XML.
            if open.count >= XMLOutline.deepest { return parser.abortParsing() }
            // Without the prefix of a namespace.
            open.append(Element(name: String(element.split(separator: ":").last ?? ""), attributes: attributes))
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            guard !open.isEmpty, string.contains(where: { !$0.isWhitespace }) else { return }
            open[open.count - 1].text += string
        }

        func parser(
            _ parser: XMLParser,
            didEndElement element: String,
            namespaceURI: String?,
            qualifiedName: String?
        ) {
            guard var closed = open.popLast() else { return }
            if !closed.text.isEmpty { closed.text = closed.text.trimmingCharacters(in: .whitespacesAndNewlines) }
            if open.isEmpty { root = closed } else { open[open.count - 1].children.append(closed) }
        }
    }
}
