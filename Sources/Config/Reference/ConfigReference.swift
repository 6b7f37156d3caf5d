import Files

/// The page that says what every key of a config is (docs/config.md), made of the keys' declarations.
public struct ConfigReference {
    private let root: ConfigOutline

    public init(_ root: ConfigOutline) { self.root = root }

    /// Ends with a newline.
    public var markdown: String {
        let head = """
            # Config

            <!-- Made by `wsi config --reference` from the declarations that the parser reads with; not to be edited. -->
            """
        return ([head] + parts(of: root, path: "", title: nil, level: 2)).joined(separator: "\n\n") + "\n"
    }

    /// Paragraphs and tables of a section and of those below it.
    /// - Parameter elsewhere: sections below it that stand beside it, at its level.
    private func parts(
        of outline: ConfigOutline,
        path: String,
        title: String?,
        level: Int,
        elsewhere: [[String]] = []
    ) -> [String] {
        var parts = title.map { ["\(String(repeating: "#", count: level)) \($0)"] } ?? []
        parts.append(outline.words)
        parts.append(table(outline))
        if let variants = variantTable(outline) { parts.append(variants) }
        if !outline.rules.isEmpty { parts.append(outline.rules.map { "- \($0)" }.joined(separator: "\n")) }
        if !outline.notes.isEmpty { parts.append(outline.notes) }
        for entry in outline.entries {
            let path = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            switch entry.shape {
            case .section(let outline):
                guard !elsewhere.contains(section(outline, path, level)) else { break }
                parts += section(outline, path, title == nil ? level : level + 1)
            case .list(.section(let outline), _, _):
                let title = "each of \(Markdown.code(path))"
                parts += self.parts(of: outline, path: path, title: title, level: level + 1)
            case .kinds(let tag, let kinds, let notes):
                parts.append("\(String(repeating: "#", count: level)) `\(path)`")
                parts.append("\(entry.words) Its key `\(tag)` tells which, and with it which other keys there are.")
                if !notes.isEmpty { parts.append(notes) }
                let shared = shared(by: kinds, path, level + 1)
                for kind in kinds {
                    let title = "`\(path)`: \(kind.words.map(Markdown.code).joined(separator: ", "))"
                    parts += self.parts(
                        of: kind.outline,
                        path: path,
                        title: title,
                        level: level + 1,
                        elsewhere: shared
                    )
                }
                parts += shared.joined()
            default: break
            }
        }
        return parts
    }

    private func section(_ outline: ConfigOutline, _ path: String, _ level: Int) -> [String] {
        parts(of: outline, path: path, title: Markdown.code(path), level: level)
    }

    /// The sections that several kinds have below them, word for word; each once, behind all kinds.
    private func shared(by kinds: [ConfigKind], _ path: String, _ level: Int) -> [[String]] {
        let all = kinds.flatMap { kind in
            kind.outline.entries.compactMap { entry -> [String]? in
                guard case .section(let outline) = entry.shape else { return nil }
                return section(outline, "\(path).\(entry.key)", level)
            }
        }
        return all.enumerated().filter { place, section in
            all.firstIndex(of: section) == place && all.lastIndex(of: section) != place
        }.map(\.element)
    }

    private func table(_ outline: ConfigOutline) -> String {
        Markdown.table(
            ["key", "type", "default", "range", "what it is", "source", "since"],
            outline.entries.map { entry in
                [
                    Markdown.code(entry.key), entry.shape.type, entry.defaultCell, entry.shape.range, entry.wordsCell,
                    entry.source ?? "", entry.since,
                ]
            }
        )
    }

    /// The defaults that differ between variants; nil where none does.
    private func variantTable(_ outline: ConfigOutline) -> String? {
        let rows = outline.entries.filter(\.dependsOnVariant).map { entry in
            [Markdown.code(entry.key)] + entry.defaults.map { $0.map(Markdown.code) ?? "" }
        }
        return rows.isEmpty ? nil : "Defaults that differ:\n\n\(Markdown.table(["key"] + outline.variants, rows))"
    }
}

extension ConfigOutline.Entry {
    fileprivate var dependsOnVariant: Bool { Set(defaults.compactMap { $0 }).count > 1 }

    /// The column "default".
    fileprivate var defaultCell: String {
        if isRequired { return "required" }
        let values = Set(defaults.compactMap { $0 })
        let value = values.count > 1 ? "see below" : values.first.map(Markdown.code)
        return [value, absent].compactMap { $0 }.joined(separator: "; ")
    }

    /// The column "what it is".
    fileprivate var wordsCell: String {
        let meanings = shape.choices.filter { !$0.meaning.isEmpty && shape.choices.count > 1 }
            .map { "<br>`\($0.word)`: \($0.meaning)" }
        let flags = flags.isEmpty ? "" : "<br>Flag: \(flags.map { Markdown.code($0.name) }.joined(separator: ", "))"
        return (conditions.map(\.sentence) + [words]).joined(separator: " ") + meanings.joined() + flags
    }
}

extension ConfigConditionShape {
    fileprivate var sentence: String {
        switch self {
        case .only(let key, let values, _): "Only with `\(key)` \(Markdown.or(values.map { "`\($0.words)`" }))."
        case .with(let key): "Only with `\(key)`."
        case .without(let keys): "Not with \(Markdown.or(keys.map(Markdown.code)))."
        }
    }
}
