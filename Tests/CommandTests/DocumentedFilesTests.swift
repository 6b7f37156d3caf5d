import Files
import Foundation
import Testing

/// `docs/files.md` beside what a job holds.
extension StudyCommandTests {
    @Test func everyFileOfAJobIsDocumentedWithAllThatIsInIt() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "documented")
        let slide = "sample_002"
        let heatmap = ["heatmap", job.path, "--model", "acmil", "--slide", slide]
        let flags = ["--panel", "--top", "--geojson", "--values", "--overlay", "--tiles"]
        let commands = [
            heatmap + flags, heatmap + ["--overlap", "0.5", "--top-regions", "1"],
            ["report", job.path, slide, "--model", "acmil"],
        ]
        for command in commands {
            let made = try Command.run(command)
            #expect(made.exit == 0, "\(made.errors)")
        }
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/files.md")
        var comparison = PageComparison(try FilesPage(String(contentsOf: page.standardizedFileURL, encoding: .utf8)))
        for (path, data) in Scratch.tree(job).sorted(by: { $0.key < $1.key }) {
            try comparison.look(at: path, data, job.appending(path: path))
        }
        let faults = comparison.faults + comparison.absentFiles
        #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
        #expect(
            comparison.seen.isSuperset(of: ["patch file", "feature file", "prediction file", "map file", "outcome"])
        )
    }
}

/// What files hold that the page does not say, and what it says that they lack.
private struct PageComparison {
    private let page: FilesPage
    private(set) var faults: [String] = []
    /// Kinds of files.
    private(set) var seen: Set<String> = []
    private var patterns: Set<String> = []

    init(_ page: FilesPage) { self.page = page }

    /// Patterns that every job with these outputs has, and this one has not.
    var absentFiles: [String] {
        page.files.filter { !$0.isOptional && !patterns.contains($0.name) }.map { "no file is like \($0.name)" }
    }

    mutating func look(at path: String, _ data: Data, _ url: URL) throws {
        let parts = path.split(separator: "/", maxSplits: 2).map(String.init)
        let inner = parts.count == 3 && parts[0] == "finer" ? parts[2] : path
        guard let row = try page.row(of: path, in: page.files) ?? page.row(of: inner, in: page.files) else {
            faults.append("\(path): no path is like this")
            return
        }
        patterns.insert(row.name)
        guard let kind = row.cells["kind"], let rows = page.content(of: kind) else { return }
        seen.insert(kind)
        switch url.pathExtension {
        case "h5": try compare(path, HDF5Listing(url), rows)
        case "json": try compare(path, json: data, kind, rows)
        case "csv":
            let head = String(decoding: data.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            let names = head.split(separator: ",", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\r\"")) }
            try compare(path, names.map { $0.isEmpty ? "(empty)" : $0 }, rows) { _, _ in nil }
        default: faults.append("\(path): a \(kind) cannot be looked into here")
        }
    }

    private mutating func compare(_ path: String, _ file: HDF5Listing, _ rows: [FilesPage.Row]) throws {
        var sides: [String: Int] = [:]
        try compare(path, file.entries.keys.sorted(), rows) { name, row in
            guard let entry = file.entries[name] else { return nil }
            let wanted = row.cells["dtype"]?.components(separatedBy: " or ") ?? []
            if !wanted.contains(entry.type) { return "is \(entry.type), documented as \(wanted)" }
            let words = (row.cells["shape"] ?? "").split { "[], –".contains($0) }.map(String.init)
            guard words.count == entry.shape.count else { return "has shape \(entry.shape)" }
            for (word, side) in zip(words, entry.shape) {
                let known = Int(word) ?? sides[word]
                if let known, known != side { return "has shape \(entry.shape), where \(word) is \(known)" }
                sides[word] = side
            }
            return nil
        }
    }

    private mutating func compare(_ path: String, json: Data, _ kind: String, _ rows: [FilesPage.Row]) throws {
        let object = try JSONDecoder().decode([String: JSONValue].self, from: json)
        try compare(path, object, rows)
        guard kind == "outcome", let stage = object["stage"]?.string else { return }
        let step = String(stage.prefix { $0.isLetter })
        var named = (page.content(of: "Figures and facts") ?? []).filter { $0.cells["stage"] == step }
        // Of a slide without a result less is known.
        if object["status"]?.string != "ok" {
            for place in named.indices { named[place].cells["occurs"] = "sometimes" }
        }
        var said: [String: JSONValue] = [:]
        for case .object(let part)? in [object["figures"], object["facts"]] { said.merge(part) { $1 } }
        try compare("\(path): figures and facts", said, named)
    }

    private mutating func compare(_ path: String, _ object: [String: JSONValue], _ rows: [FilesPage.Row]) throws {
        try compare(path, object.keys.sorted(), rows) { key, row in
            let wanted = row.cells["type"] ?? ""
            let found = Self.word(object[key])
            return wanted.components(separatedBy: " or ").contains(found)
                ? nil : "is a \(found), documented as \(wanted)"
        }
    }

    private static func word(_ value: JSONValue?) -> String {
        switch value {
        case .string: "text"
        case .number: "number"
        case .bool: "false"
        case .array: "list"
        case .object: "object"
        case .null, nil: "null"
        }
    }

    /// - Parameter fault: what is wrong with a name beside its row.
    private mutating func compare(
        _ path: String,
        _ names: [String],
        _ rows: [FilesPage.Row],
        fault: (String, FilesPage.Row) -> String?
    ) throws {
        var met: Set<String> = []
        for name in names {
            guard let row = try page.row(of: name, in: rows) else {
                faults.append("\(path): \(name) is not documented")
                continue
            }
            met.insert(row.name)
            if let reason = fault(name, row) { faults.append("\(path): \(name) \(reason)") }
        }
        faults += rows.filter { !$0.isOptional && !met.contains($0.name) }.map { "\(path): \($0.name) is missing" }
    }
}
