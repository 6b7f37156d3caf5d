import Foundation
import Testing

/// What the documents point to is there.
@Suite struct DocumentTests {
    static let documents = House.files("md")

    @Test func thereAreDocuments() { #expect(Self.documents.contains("README.md")) }

    @Test(arguments: documents) func everyLocalLinkLeadsSomewhere(document: String) throws {
        let folder = House.root.appending(path: document).deletingLastPathComponent()
        for link in try Self.links(in: House.text(document)) where !link.contains(/^([a-z][a-z0-9+.-]*:|\/\/)/) {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let path = try #require(String(parts[0]).removingPercentEncoding, "\(link)")
            let target = path.isEmpty ? House.root.appending(path: document) : folder.appending(path: path)
            let isThere = FileManager.default.fileExists(atPath: target.path)
            #expect(isThere, "\(document) links to \(link)")
            guard isThere, parts.count == 2, target.pathExtension == "md" else { continue }
            let anchors = try Self.anchors(in: String(contentsOf: target, encoding: .utf8))
            #expect(anchors.contains(String(parts[1])), "\(document) links to \(link)")
        }
    }

    @Test func linksAndAnchorsAreFoundAsGitHubFindsThem() {
        let text = """
            # One & two: `three_x`
            See [a](docs/a.md#b-c "title"), ![p](p.jpg) and [b]: not `[c](none)`.
            ```
            # no heading [d](none)
            ```
            [e]: https://example.org
            [f]: LICENSE
            <img src="g.png">
            ## Twice
            ## Twice
            """
        #expect(Self.links(in: text) == ["docs/a.md#b-c", "p.jpg", "https://example.org", "LICENSE", "g.png"])
        #expect(Self.anchors(in: text) == ["one--two-three_x", "twice", "twice-1"])
    }

    /// The lines that are no code, with their inline code where `code` is true.
    private static func lines(of text: String, code: Bool) -> [String] {
        var isCode = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line -> String? in
            let isFence = line.drop { $0 == " " }.hasPrefix("```")
            if isFence { isCode.toggle() }
            guard !isFence, !isCode else { return nil }
            return code ? String(line) : String(line.replacing(/`[^`]*`/, with: ""))
        }
    }

    private static func links(in text: String) -> [String] {
        lines(of: text, code: false).flatMap { line in
            line.matches(of: /\]\(\s*<?([^\s)>]+)>?(\s+"[^"]*")?\s*\)/).map { String($0.1) }
                + line.matches(of: /^\s{0,3}\[[^\]]+\]:\s*(\S+)/).map { String($0.1) }
                + line.matches(of: /(src|href)="([^"]+)"/).map { String($0.2) }
        }
    }

    private static func anchors(in text: String) -> Set<String> {
        var seen: [String: Int] = [:]
        var anchors: Set<String> = []
        for line in lines(of: text, code: true) {
            for named in line.matches(of: /(id|name)="([^"]+)"/) { anchors.insert(String(named.2)) }
            guard let heading = line.wholeMatch(of: /#{1,6}\s+(.*?)\s*#*\s*/)?.1 else { continue }
            let shown = heading.replacing(/\[([^\]]*)\]\([^)]*\)/) { $0.1 }
            let slug = String(
                shown.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
                    .map { $0 == " " ? "-" : $0 }
            )
            let count = seen[slug, default: 0]
            anchors.insert(count == 0 ? slug : "\(slug)-\(count)")
            seen[slug] = count + 1
        }
        return anchors
    }
}
