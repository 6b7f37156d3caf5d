import Files
public import Foundation
public import Records
import Storage

/// `predictions.csv` of a fold: what its model says about every slide of its three parts; `calibrated_` columns hold the
/// probabilities after temperature scaling.
public struct FoldPredictions: Equatable {
    public struct Row: Equatable {
        public var slide: SlideID
        /// `train`, `validation` or `test`.
        public var part: String
        public var judged: Judged

        public init(slide: SlideID, part: String, judged: Judged) {
            (self.slide, self.part, self.judged) = (slide, part, judged)
        }
    }

    public static let fileName = "predictions.csv"

    public var classes: [String]
    public var rows: [Row]

    public func write(to folder: URL) throws {
        let isCalibrated = !rows.isEmpty && rows.allSatisfy { $0.judged.calibrated != nil }
        let header =
            ["slide_id", "case_id", "part", "label", "predicted"] + classes.map { "prob_\($0)" }
            + (isCalibrated ? classes.map { "calibrated_\($0)" } : [])
        let cells = rows.map { row in
            [
                row.slide.text, row.judged.caseID, row.part, row.judged.target.name(among: classes),
                classes[row.judged.decision],
            ]
                + (row.judged.probabilities + (isCalibrated ? row.judged.calibrated ?? [] : [])).map { "\($0)" }
        }
        try AtomicFile.write(Table.text(header: header, rows: cells), to: folder.appending(path: Self.fileName))
    }

    public init(classes: [String], rows: [Row]) {
        self.classes = classes
        self.rows = rows
    }

    /// - Throws: `StorageError.table` with the line of the first cell that does not fit.
    public init(folder: URL, classes: [String]) throws {
        let table = try Table(made: folder.appending(path: Self.fileName))
        try table.require(
            columns: ["slide_id", "case_id", "part", "label", "predicted"] + classes.map { "prob_\($0)" }
        )
        self.classes = classes
        let isCalibrated = classes.allSatisfy { table.columns.contains("calibrated_\($0)") }
        rows = try table.rows.map { row in
            func refuse(_ column: String) -> StorageError {
                .table(path: table.path, problems: ["line \(row.line): '\(row[column])' is no valid \(column)"])
            }
            func label(_ column: String) throws -> Int {
                guard let label = Self.label(row[column], among: classes) else { throw refuse(column) }
                return label
            }
            func probabilities(_ kind: String) throws -> [Double] {
                try classes.map { name in
                    guard let value = Double(row["\(kind)_\(name)"]), (0...1).contains(value) else {
                        throw refuse("\(kind)_\(name)")
                    }
                    return value
                }
            }
            guard ["train", "validation", "test"].contains(row["part"]) else { throw refuse("part") }
            return Row(
                slide: try SlideID(row["slide_id"]),
                part: row["part"],
                judged: Judged(
                    caseID: row["case_id"],
                    target: .class(try label("label")),
                    probabilities: try probabilities("prob"),
                    calibrated: isCalibrated ? try probabilities("calibrated") : nil,
                    decision: try label("predicted")
                )
            )
        }
    }

    /// Which class a cell of the table names; nil where it names none. What a spreadsheet would take for a formula is written with
    /// a leading quote mark.
    public static func label(_ cell: String, among classes: [String]) -> Int? {
        classes.firstIndex { cell == $0 || cell == "'\($0)" }
    }

    func part(_ name: String) -> [Row] { rows.filter { $0.part == name } }
}
