import Files
import Foundation
import Records
import Storage

/// Splits from files, one fold each: CLAM's `splits_k.csv` (lists under train, val and test, or true and false for every
/// slide), tables with a column `split`, and ACMIL's JSON with `train_names`, `val_names` and `test_names`. Or Patho-Bench's one
/// table of all folds, with the columns `fold_0`, `fold_1`, …
struct SplitFiles {
    private(set) var splits: [Split] = []
    private(set) var notes: [String] = []
    private(set) var problems: [Problem] = []
    /// Slides of the labels that have a line there but are not of the cohort.
    private var absent: Set<SlideID> = []

    /// Ids that were read as the whole numbers that they are.
    private var numbered: (count: Int, example: String) = (0, "")

    private typealias Side = CohortColumns.Side

    /// A slide that a file puts on a side; JSON has no lines.
    private struct Entry {
        var side: Side
        var slide: String
        var line: Int?
    }

    /// An entry with its slide found.
    private struct Place {
        var slide: SlideID
        var side: Side
        var line: Int?
    }

    /// - Parameters:
    ///   - pattern: a path, or a pattern with `*` and `?`; relative to `folder`.
    ///   - labels: the slides that may be named, and where they have their labels.
    ///   - slideColumn: the labels' name for the column of slides, which a split file may share.
    init(_ pattern: String, in folder: URL, labels: LabelTable, slideColumn: String? = nil) {
        let files = Self.files(pattern, in: folder)
        if files.isEmpty {
            problems.append(Problem(.notFound, pattern, "no file matches cohort.splits"))
        }
        let known = Dictionary(uniqueKeysWithValues: labels.cohort.slides.map { ($0.slide, $0) })
        let names = SlideNames(Array(known.keys) + labels.absent.keys)
        var leftOut: Set<SlideID> = Set(known.keys)
        for file in files {
            do {
                for (name, entries) in try Self.folds(file, slideColumn) {
                    let places = find(entries, of: file, names, labels)
                    let split = check(places, of: file, name, fold: splits.count, known)
                    leftOut.subtract(split.train + split.validation + split.test)
                    splits.append(split)
                }
            } catch { problems += Problem.all(of: error, file: file.path) }
        }
        if numbered.count > 0 {
            notes.append("\(numbered.count) id(s) in the split files are numbers such as \(numbered.example)")
        }
        if !absent.isEmpty {
            let shown = absent.sorted().map(\.text).shortened
            notes.append(
                "\(absent.count) slide(s) in the split files have no label or no file and are left out: \(shown)"
            )
        }
        if !leftOut.isEmpty, !splits.isEmpty {
            let shown = leftOut.sorted().map(\.text).shortened
            notes.append("\(leftOut.count) labelled slide(s) are in no split and are left out: \(shown)")
        }
    }

    /// In natural order, `splits_9` before `splits_10`. CLAM writes every split a second time as booleans and a third time
    /// as counts; those are not other folds.
    private static func files(_ pattern: String, in folder: URL) -> [URL] {
        let path = pattern.hasPrefix("/") ? pattern : folder.path + "/" + pattern
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(path, 0, nil, &found) == 0 else { return [] }
        let paths = (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
        let all = Set(paths)
        return paths.filter { path in
            if path.hasSuffix("_descriptor.csv") { return false }
            return !(path.hasSuffix("_bool.csv") && all.contains(path.dropLast("_bool.csv".count) + ".csv"))
        }
        .sorted(by: NumericOrder.precedes)
        .map { URL(filePath: $0).standardizedFileURL }
    }

    /// The columns of a table that has one for each fold, in natural order.
    static func foldColumns(_ columns: [String]) -> [String] {
        columns.filter { $0.lowercased().wholeMatch(of: /fold[ _-]?[0-9]+/) != nil }
            .sorted(by: NumericOrder.precedes)
    }

    /// The folds of a file; one that is not the only one has a name.
    private static func folds(_ file: URL, _ slideColumn: String?) throws -> [(name: String?, entries: [Entry])] {
        guard file.pathExtension != "json" else { return [(nil, try entries(file, slideColumn))] }
        let known = slideColumn.map { [CohortColumns.Role.slide: $0] } ?? [:]
        // Tables without a header have no such columns.
        let header = try Table(contentsOf: file) { cells in cells.indices.map { "column \($0 + 1)" } }.rows.first
        let first = header.map { row in row.cells.values.map { $0 } } ?? []
        guard !foldColumns(first).isEmpty else { return [(nil, try entries(file, slideColumn))] }
        let columns = try CohortColumns(file, known: known, wanted: [.slide])
        return try foldColumns(columns.table.columns).map { fold in
            let entries = try columns.table.rows.compactMap { row -> Entry? in
                let word = row[fold]
                // A slide may be in some folds alone.
                guard !LabelWords.isMissing(word) else { return nil }
                guard let side = Side(word: word) else {
                    let what = "line \(row.line): \(fold) '\(word)' is none of train, val, test"
                    throw StorageError.table(path: file.path, problems: [what])
                }
                return Entry(side: side, slide: columns[row, .slide], line: row.line)
            }
            return (fold, entries)
        }
    }

    private static func entries(_ file: URL, _ slideColumn: String?) throws -> [Entry] {
        if file.pathExtension == "json" {
            struct Names: Decodable {
                var train_names: [String]
                var val_names: [String]?
                var test_names: [String]
            }
            let names = try CanonicalJSON.read(Names.self, written: file)
            let sides = [
                (Side.train, names.train_names), (.validation, names.val_names ?? []), (.test, names.test_names),
            ]
            return sides.flatMap { side, slides in slides.map { Entry(side: side, slide: $0, line: nil) } }
        }
        if let entries = try lists(file) { return entries }
        let known = slideColumn.map { [CohortColumns.Role.slide: $0] } ?? [:]
        let columns = try CohortColumns(file, known: known, wanted: [.slide, .split])
        return try columns.table.rows.map { row in
            guard let side = Side(word: columns[row, .split]) else {
                throw StorageError.table(
                    path: file.path,
                    problems: ["line \(row.line): split '\(columns[row, .split])' is none of train, val, test"]
                )
            }
            return Entry(side: side, slide: columns[row, .slide], line: row.line)
        }
    }

    /// CLAM's two forms; nil for a table without their columns.
    private static func lists(_ file: URL) throws -> [Entry]? {
        // Without a header the first line is a row, whose cells may well be equal.
        let table = try Table(contentsOf: file) { cells in
            cells.contains("train") && cells.contains("test") ? nil : cells.indices.map { "column \($0 + 1)" }
        }
        let sides = [("train", Side.train), ("val", .validation), ("test", .test)].filter {
            table.columns.contains($0.0)
        }
        guard sides.count >= 2 else { return nil }
        let cells = table.rows.flatMap { row in sides.map { row[$0.0].lowercased() } }
        let isBoolean = !cells.isEmpty && cells.allSatisfy { ["true", "false"].contains($0) }
        return table.rows.flatMap { row in
            sides.compactMap { column, side in
                if isBoolean {
                    return row[column].lowercased() == "true"
                        ? Entry(side: side, slide: row[table.columns[0]], line: row.line) : nil
                }
                return row[column].isEmpty ? nil : Entry(side: side, slide: row[column], line: row.line)
            }
        }
    }

    private mutating func find(_ entries: [Entry], of file: URL, _ names: SlideNames, _ labels: LabelTable) -> [Place] {
        var places: [Place] = []
        var unknown: [NamedRow] = []
        for entry in entries {
            if let slide = names.slide(named: entry.slide) {
                places.append(Place(slide: slide, side: entry.side, line: entry.line))
            } else if let slide = names.slide(numbered: entry.slide) {
                if numbered.count == 0 { numbered.example = "\(entry.slide); they are taken as \(slide) and so on" }
                numbered.count += 1
                places.append(Place(slide: slide, side: entry.side, line: entry.line))
            } else {
                unknown.append(NamedRow(name: entry.slide, line: entry.line))
            }
        }
        let taken = Set(places.map(\.slide))
        let table = labels.file.lastPathComponent
        problems += Problem.names(
            .table,
            file.path,
            unknown,
            one: "is not in \(table)",
            several: "are not in \(table)",
            hint: NameHint.text(
                unknown.map(\.name),
                slides: labels.cohort.slides.map(\.slide).filter { !taken.contains($0) }
            )
        )
        absent.formUnion(taken.filter { labels.absent[$0] != nil })
        return places.filter { labels.absent[$0.slide] == nil }
    }

    private mutating func check(
        _ places: [Place],
        of file: URL,
        _ name: String?,
        fold: Int,
        _ known: [SlideID: CohortSlide]
    ) -> Split {
        let prefix = name.map { "\($0): " } ?? ""
        var split = Split(fold: fold, train: [], validation: [], test: [])
        var first: [SlideID: Place] = [:]
        var sideOfCase: [String: Place] = [:]
        var found = ProblemCounter()
        for entry in places {
            func refuse(_ what: String, _ code: ErrorCode = .table) {
                found.add(Problem(code, file.path, line: entry.line, prefix + what), kind: code.rawValue)
            }
            func place(_ other: Place) -> String {
                other.side.rawValue + (other.line.map { " (line \($0))" } ?? "")
            }
            let slide = entry.slide
            guard let labelled = known[slide] else { continue }
            if let other = sideOfCase[labelled.caseID], other.side != entry.side {
                refuse(
                    "case '\(labelled.caseID)' is in \(entry.side.rawValue) and in \(place(other)); keep a case on one side",
                    .leakage
                )
                continue
            }
            sideOfCase[labelled.caseID] = sideOfCase[labelled.caseID] ?? entry
            if let other = first.updateValue(entry, forKey: slide) {
                refuse("slide '\(slide)' is already in \(place(other))")
                continue
            }
            switch entry.side {
            case .train: split.train.append(slide)
            case .validation: split.validation.append(slide)
            case .test: split.test.append(slide)
            }
        }
        problems += found.problems
        for (side, slides) in [("training", split.train), ("test", split.test)] where slides.isEmpty {
            problems.append(Problem(.table, file.path, "\(prefix)the \(side) part is empty"))
        }
        split.train.sort()
        split.validation.sort()
        split.test.sort()
        return split
    }
}

extension Split {
    /// CLAM's `splits_k.csv`: slide ids under train, val and test beside a running number, padded with blanks.
    var clamTable: String {
        let parts = [train, validation, test]
        let rows = (0..<(parts.map(\.count).max() ?? 0)).map { row in
            ["\(row)"] + parts.map { row < $0.count ? $0[row].text : "" }
        }
        return Table.text(header: ["", "train", "val", "test"], rows: rows)
    }
}
