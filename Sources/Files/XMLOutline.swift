/// The bones of an XML text, looked at byte by byte before Foundation's parser sees it: that parser, and the tree that is made
/// of what it finds, call themselves for each level, and entities can grow to any length.
struct XMLOutline {
    /// Far more than any format needs.
    static let deepest = 64

    private let bytes: UnsafeRawBufferPointer

    /// - Parameter bytes: UTF-8.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// - Returns: why the text is not given to a parser, nil where it may be; and where the declaration and the processing
    ///   instructions stand, which no parser needs to see.
    func look() -> (fault: String?, instructions: [Range<Int>]) {
        var (depth, at) = (0, 0)
        var instructions: [Range<Int>] = []
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "<") else {
                at += 1
                continue
            }
            if starts(at, "<!--") {
                at = end(of: "-->", from: at + 4)
            } else if starts(at, "<![CDATA[") {
                at = end(of: "]]>", from: at + 9)
            } else if starts(at, "<?") {
                let next = end(of: "?>", from: at + 2)
                instructions.append(at..<next)
                at = next
            } else if starts(at, "<!") {
                let word = word(at + 2)
                return ("XML with a document type or entities (<!\(word)), which is never read; leave that out", [])
            } else {
                guard let (next, isEmpty) = tag(at + 1) else {
                    return ("no XML from line \(line(of: at)) on: a tag does not end before the next one begins", [])
                }
                if starts(at, "</") {
                    depth -= 1
                } else if !isEmpty {
                    depth += 1
                    if depth > Self.deepest { return ("XML nested more than \(Self.deepest) elements deep", []) }
                }
                at = next
            }
        }
        return (nil, instructions)
    }

    private func starts(_ place: Int, _ text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount <= bytes.count - place else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[place + $0] == text.utf8Start[$0] }
    }

    /// The place after a text; the end where it does not come.
    private func end(of text: StaticString, from start: Int) -> Int {
        var at = start
        while at < bytes.count {
            if starts(at, text) { return at + text.utf8CodeUnitCount }
            at += 1
        }
        return bytes.count
    }

    private func line(of place: Int) -> Int { bytes[..<place].count { $0 == UInt8(ascii: "\n") } + 1 }

    /// The place after a tag, and whether it closes its own element. A `>` may stand in the value of an attribute; a `<` may
    /// not, and where one does, the parser would see other tags than this outline. nil then.
    private func tag(_ start: Int) -> (next: Int, isEmpty: Bool)? {
        var quote: UInt8?
        var at = start
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "<") { return nil }
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return (at + 1, bytes[at - 1] == UInt8(ascii: "/"))
            }
            at += 1
        }
        return (bytes.count, false)
    }

    private func word(_ start: Int) -> String {
        String(decoding: bytes[start...].prefix(20).prefix { (0x41...0x5A).contains($0) }, as: UTF8.self)
    }
}
