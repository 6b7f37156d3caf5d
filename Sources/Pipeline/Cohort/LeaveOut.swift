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
}

extension CohortRun {
    /// Writes a table for each group to `JOB/cohort/leave_out/COLUMN/`, in place of what was there.
    /// - Throws: `StorageError` for a column that is not there, `Failure` for a case of two groups, or of none, and where a group is
    ///   all there is.
    public func leaveOut(_ column: String, in layout: JobLayout) throws -> LeaveOut {
        let reading = material.reading
        let slides = reading.cohort.slides.filter { material.features.files[$0.slide] != nil }
        let table = try StudyTable(reading, slides: slides.map(\.slide), wanted: [column])
        let groups = try Self.groups(table.columns.first?.cells ?? [], slides, reading.labels.file.lastPathComponent)
        var cohort = reading.cohort
        cohort.slides = slides
        let splits = try Splits.bySite(
            groups,
            of: cohort,
            validationFraction: reading.config.cohort.valFraction,
            seed: reading.config.cohort.seed
        )
        try Splits.check(splits, of: cohort)
        let folder = layout.leaveOut(Self.folderName(column))
        try AtomicFile.publishFolder(to: folder) { temporary in
            for split in splits {
                let file = temporary.appending(path: TrainingFolder.splitName(split.fold))
                try AtomicFile.write(split.clamTable, to: file)
            }
        }
        let names = Set(groups.values).sorted()
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
            splits: folder.appending(path: "splits_*.csv").path
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
