import Files
public import Foundation
public import Records
import Storage

/// `predictions.csv` of a fold: what its model says about every slide of its parts; of classes in columns `prob_`, and in
/// `calibrated_` after temperature scaling.
public struct FoldPredictions: Equatable {
    public struct Row: Equatable {
        public var slide: SlideID
        /// `train`, `validation`, `test` or `calibration`.
        public var part: String
        public var judged: Judged

        public init(slide: SlideID, part: String, judged: Judged) {
            (self.slide, self.part, self.judged) = (slide, part, judged)
        }
    }

    /// The part that was set aside from the training part.
    public static let calibration = "calibration"

    public var classes: [String]
    public var rows: [Row]

    private var kind: Target.Kind { rows.first?.judged.answer.kind ?? .class }

    /// - Parameter target: of several targets the one whose table this is; nil: the first, or the only one.
    public func write(to folder: URL, target: String? = nil) throws {
        let isCalibrated = !rows.isEmpty && rows.allSatisfy(\.judged.answer.isCalibrated)
        let header = Self.columns + Answer.columns(of: kind, classes: classes, isCalibrated: isCalibrated)
        let cells = rows.map { row in
            [
                row.slide.text, row.judged.caseID, row.part, row.judged.target.name(among: classes),
                row.judged.answer.name(among: classes),
            ] + row.judged.answer.cells(isCalibrated: isCalibrated)
        }
        try AtomicFile.write(Table.text(header: header, rows: cells), to: FoldFolder(folder).predictions(of: target))
    }

    /// Beside those of the answers.
    private static let columns = ["slide_id", "case_id", "part", "label", "predicted"]

    public init(classes: [String], rows: [Row]) {
        self.classes = classes
        self.rows = rows
    }

    /// With the kind of answers and the classes that the table itself names.
    /// - Throws: as the other.
    public init(folder: URL, target: String? = nil) throws {
        let table = try Table(made: FoldFolder(folder).predictions(of: target))
        let told = Answer.told(by: table.columns)
        try self.init(table, told.kind, classes: told.classes)
    }

    /// - Throws: `StorageError.table` with the line of the first cell that does not fit.
    public init(folder: URL, target: String? = nil, kind: Target.Kind = .class, classes: [String]) throws {
        try self.init(Table(made: FoldFolder(folder).predictions(of: target)), kind, classes: classes)
    }

    private init(_ table: Table, _ kind: Target.Kind, classes: [String]) throws {
        try table.require(columns: Self.columns + Answer.columns(of: kind, classes: classes, isCalibrated: false))
        self.classes = classes
        let all = Answer.columns(of: kind, classes: classes, isCalibrated: true)
        let isCalibrated = all.allSatisfy(table.columns.contains)
        rows = try table.rows.map { row in
            func refuse(_ column: String) -> StorageError {
                .table(path: table.path, problems: ["line \(row.line): '\(row[column])' is no valid \(column)"])
            }
            guard ["train", "validation", "test", Self.calibration].contains(row["part"]) else { throw refuse("part") }
            let slide = try SlideID(row["slide_id"])
            guard let target = Target(kind, named: row["label"], among: classes) else { throw refuse("label") }
            do throws(Answer.UnfitCell) {
                let answer = try Answer(kind, classes: classes, isCalibrated: isCalibrated, name: "predicted") {
                    row[$0]
                }
                let judged = Judged(caseID: row["case_id"], target: target, answer: answer)
                return Row(slide: slide, part: row["part"], judged: judged)
            } catch { throw refuse(error.column) }
        }
    }

    func part(_ name: String) -> [Row] { rows.filter { $0.part == name } }
}
