import Files
import Foundation
import Testing

@testable import Config

/// A key with numbers, as the reference tells it, and a config that has room for it.
struct NumericKey: CustomTestStringConvertible {
    let path: String
    /// The column "range".
    let range: String
    let isWhole: Bool
    /// What else the config must say, by path, as JSON.
    var beside: [String: String]

    var testDescription: String { "\(path) \(beside["model.kind"] ?? ""): \(range)" }

    /// Numbers at the bounds that the column names, and just beyond them.
    var numbers: (within: [String], beyond: [String]) {
        var (within, beyond): ([String], [String]) = ([], [])
        for part in range.split(separator: "; ") {
            let part = String(part)
            // What stands behind the numbers is a unit.
            let text = part.replacing(#/ (?:pixels|epochs|patches|level-0|sides|µm).*/#, with: "")
            let limits = text.matches(of: /-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?/).map { String($0.output) }
            let (isAbove, isBelow) = (text.contains("above"), text.contains("below"))
            if let low = limits.first {
                (isAbove ? { beyond.append($0) } : { within.append($0) })(low)
                (isAbove ? { within.append($0) } : { beyond.append($0) })(next(low, isAbove ? 1 : -1))
            }
            if let high = limits.dropFirst().first ?? (limits.count == 1 && isWhole ? limits.first : nil) {
                (isBelow ? { beyond.append($0) } : { within.append($0) })(high)
                (isBelow ? { within.append($0) } : { beyond.append($0) })(next(high, isBelow ? -1 : 1))
            }
        }
        return (within, beyond)
    }

    /// The nearest number that a person would call another one.
    private func next(_ number: String, _ sign: Double) -> String {
        if isWhole {
            return (Decimal(string: number).map { $0 + Decimal(sign) } ?? 0).description
        }
        let value = Double(number) ?? .nan
        return "\(value + sign * max(1e-9, abs(value) * 1e-9))"
    }

    /// A whole config in which the key is `number`.
    func config(_ number: String) -> String {
        var members = ["cohort.slides": "\"s\"", "cohort.labels": "\"l\"", "model.kind": "\"abmil\""]
        members.merge(beside) { $1 }
        members.merge(Self.companions(of: path, number)) { $1 }
        members[path] = number
        return Self.object(members)
    }

    /// What rules between keys want beside a number.
    private static func companions(of path: String, _ number: String) -> [String: String] {
        switch path {
        case "tiling.overlap": ["tiling.patch_size": "4096"]
        case "training.minimum_learning_rate": ["training.learning_rate": "1"]
        case "training.warmup_epochs", "training.selection_window": ["training.epochs": "10000"]
        case "training.test_draws": ["training.patches_per_step": "1"]
        case "search.candidates", "search.seed": ["search.training": "{\"epochs\": [1, 2]}"]
        case "training.early_stopping.after_epoch": ["training.early_stopping.patience": "1"]
        case "cohort.folds" where number == "1": ["cohort.test_slides": "\"t*\""]
        default: [:]
        }
    }

    private static func object(_ members: [String: String]) -> String {
        let groups = Dictionary(grouping: members) { String($0.key.prefix { $0 != "." }) }
        let texts = groups.sorted { $0.key < $1.key }.map { key, members in
            let below = members.map { (String($0.key.dropFirst(key.count + 1)), $0.value) }
            let isLeaf = below.allSatisfy { $0.0.isEmpty }
            let value = isLeaf ? members.first?.value ?? "null" : object(Dictionary(uniqueKeysWithValues: below))
            return "\"\(key)\": \(value)"
        }
        return "{\(texts.joined(separator: ", "))}"
    }
}

extension ConfigOutline {
    /// Every key with numbers, in this section and below, with its range as the page has it.
    func numericKeys(on page: ReferencePage) -> [NumericKey] { numericKeys(page, path: "", title: "", beside: [:]) }

    private func numericKeys(
        _ page: ReferencePage,
        path: String,
        title: String,
        beside: [String: String]
    ) -> [NumericKey] {
        entries.flatMap { entry -> [NumericKey] in
            let key = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            switch entry.shape {
            case .section(let outline):
                return outline.numericKeys(page, path: key, title: "`\(key)`", beside: beside)
            case .kinds(let tag, let kinds, _):
                return kinds.flatMap { kind in
                    let title = "`\(key)`: \(kind.words.map { "`\($0)`" }.joined(separator: ", "))"
                    let named = beside.merging(["\(key).\(tag)": "\"\(kind.words[0])\""]) { $1 }
                    return kind.outline.numericKeys(page, path: key, title: title, beside: named)
                }
            default:
                let cells = page.row(title, entry.key)
                guard let cells, ["number", "whole number"].contains(cells[1]) else { return [] }
                let needed = entry.conditions.map { condition -> (String, String) in
                    switch condition {
                    case .only(let other, let words, _):
                        ("\(path).\(other)", words[0].string.map { "\"\($0)\"" } ?? words[0].words)
                    case .with(let other): ("\(path).\(other)", "\"x\"")
                    case .without(let others): ("\(path).\(others[0])", "null")
                    }
                }
                return [
                    NumericKey(
                        path: key,
                        range: cells[3],
                        isWhole: cells[1] == "whole number",
                        beside: beside.merging(needed) { $1 }
                    )
                ]
            }
        }
    }
}

/// docs/config.md, its tables by heading.
struct ReferencePage {
    private var tables: [String: [String: [String]]] = [:]

    init(_ text: String) {
        var title = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") || line.hasPrefix("### ") || line.hasPrefix("#### ") {
                title = String(line.drop { $0 == "#" }.dropFirst())
            } else if line.hasPrefix("| `") {
                let cells = line.split(separator: " | ", omittingEmptySubsequences: false).map {
                    $0.trimmingCharacters(in: CharacterSet(charactersIn: "| "))
                }
                // Tables of defaults have other columns.
                if cells.count == 7, cells[6].wholeMatch(of: /\d+\.\d+\.\d+/) != nil {
                    tables[title, default: [:]][cells[0].replacing("`", with: "")] = cells
                }
            }
        }
    }

    /// The cells of a key's row.
    func row(_ title: String, _ key: String) -> [String]? { tables[title]?[key] }
}
