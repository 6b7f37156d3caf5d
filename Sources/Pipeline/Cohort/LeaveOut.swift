import Evaluation
import Files
import Foundation
public import Records
import Storage

/// Splits of which each tests one group of a column, such as a site, on models that have seen no other case of it.
public struct LeaveOut: Codable, Equatable, Sendable {
    public struct Fold: Codable, Equatable, Sendable {
        public var fold: Int
        /// That is tested.
        public var group: String
        public var train: Int
        public var validation: Int
        public var test: Int
    }

    public var column: String
    public var folds: [Fold]
    /// What `cohort.splits` may say, in place of `cohort.folds`.
    public var splits: String
    /// What a reader should know.
    public var notes: [String]

    /// More values are names, numbers or dates rather than groups.
    static let mostGroups = 50

    /// What is said of small groups.
    /// - Parameter groups: of every case its group.
    /// - Throws: `Failure` where fewer than two groups have five cases, and where there are too many.
    static func notes(of groups: [String: String], column: String) throws -> [String] {
        let counts = Dictionary(grouping: groups.values) { $0 }.mapValues(\.count)
        guard counts.count <= mostGroups else {
            let words =
                "the column has \(counts.count) values, each of which would be left out by itself; name one with at most "
                + "\(mostGroups), such as a site, or join values in the table"
            throw Failure(.usage, column, words)
        }
        let small = counts.filter { $0.value < ColumnReading.fewestCases }
        guard counts.count - small.count > 1 else {
            let words =
                "fewer than two of the column's values (\(counts.count)) have \(ColumnReading.fewestCases) cases; name another "
                + "column, or join values in the table"
            throw Failure(.usage, column, words)
        }
        guard !small.isEmpty else { return [] }
        let names = small.keys.sorted(by: NumericOrder.precedes).map { "\($0) (\(small[$0] ?? 0))" }
        return [
            "\(small.count) value(s) of \(column) have fewer than \(ColumnReading.fewestCases) cases, so that their folds say little: "
                + names.shortened
        ]
    }
}

extension CohortRun {
    /// Writes a table for each group to `JOB/cohort/leave_out/COLUMN/`, in place of what was there.
    /// - Throws: `StorageError` for a column that is not there, `Failure` for a case of two groups, or of none, and as `LeaveOut.notes`.
    public func leaveOut(_ column: String, in layout: JobLayout) throws -> LeaveOut {
        let reading = material.reading
        let slides = reading.cohort.slides.filter { material.features.files[$0.slide] != nil }
        let table = try StudyTable(reading, slides: slides.map(\.slide), wanted: [column])
        let groups = try Self.groups(table.columns.first?.cells ?? [], slides, reading.labels.file.lastPathComponent)
        let notes = try LeaveOut.notes(of: groups, column: column)
        var cohort = reading.cohort
        cohort.slides = slides
        let splits = try Splits.bySite(
            groups,
            of: cohort,
            validationFraction: reading.config.cohort.valFraction,
            seed: reading.config.cohort.seed,
            precedes: NumericOrder.precedes
        )
        try Splits.check(splits, of: cohort)
        let folder = layout.leaveOut(Self.folderName(column))
        try AtomicFile.publishFolder(to: folder) { temporary in
            for split in splits {
                let file = temporary.appending(path: TrainingFolder.splitName(split.fold))
                try AtomicFile.write(split.clamTable, to: file)
            }
        }
        let names = Set(groups.values).sorted(by: NumericOrder.precedes)
        return LeaveOut(
            column: column,
            folds: zip(splits, names).map { split, name in
                LeaveOut.Fold(
                    fold: split.fold,
                    group: name,
                    train: split.train.count,
                    validation: split.validation.count,
                    test: split.test.count
                )
            },
            splits: folder.appending(path: "splits_*.csv").path,
            notes: notes
        )
    }

    /// A column's name with `_` for all but letters, digits, `-` and `_`, at most 60 of them; where that is not the name itself, eight
    /// digits of its SHA-256 tell it from others.
    static func folderName(_ column: String) -> String {
        let name = column.map { $0.isLetter || $0.isNumber || "-_".contains($0) ? String($0) : "_" }.joined().prefix(60)
        return name == column ? column : "\(name)-\(Digest.sha256(Data(column.utf8)).prefix(8))"
    }

    /// Of every case its group.
    private static func groups(_ cells: [String], _ slides: [CohortSlide], _ table: String) throws -> [String: String] {
        var groups: [String: String] = [:]
        for (slide, cell) in zip(slides, cells) {
            guard !LabelWords.isMissing(cell) else {
                throw Failure(
                    .table,
                    slide.slide.text,
                    "it has no value in \(table); fill it in, or leave the slide out"
                )
            }
            if let other = groups.updateValue(cell, forKey: slide.caseID), other != cell {
                let words =
                    "this case is of \(other) and of \(cell); a case is tested as a whole, so that one is wanted"
                throw Failure(.table, slide.caseID, words)
            }
        }
        return groups
    }
}
