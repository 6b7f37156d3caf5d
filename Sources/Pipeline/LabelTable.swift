public import Foundation
public import Records
import Storage

/// The labels CSV: columns `slide_id,case_id,label`.
public enum LabelTable {
    /// - Parameter classes: class names in label order; nil takes the labels that occur, sorted (numbers by value).
    /// - Throws: `StorageError.table` with every problem and its line: a duplicate slide, an empty cell, an unknown label.
    public static func read(_ url: URL, classes: [String]?) throws -> Cohort {
        let table = try Table(contentsOf: url)
        try table.require(columns: ["slide_id", "case_id", "label"])
        let classes = classes ?? sorted(Set(table.rows.map { $0["label"] }.filter { !$0.isEmpty }))
        var problems: [String] = []
        var lines: [String: Int] = [:]
        var slides: [CohortSlide] = []
        for row in table.rows {
            let name = row["slide_id"]
            for column in ["slide_id", "case_id", "label"] where row[column].isEmpty {
                problems.append("line \(row.line): \(column) is empty")
            }
            guard !name.isEmpty else { continue }
            let id = try SlideID(name)
            if let first = lines.updateValue(row.line, forKey: id.collisionKey) {
                problems.append("line \(row.line): slide '\(name)' is already on line \(first)")
            }
            guard let label = classes.firstIndex(of: row["label"]) else {
                if !row["label"].isEmpty {
                    problems.append(
                        "line \(row.line): label '\(row["label"])' is none of \(classes.joined(separator: ", "))"
                    )
                }
                continue
            }
            slides.append(CohortSlide(slide: id, caseID: row["case_id"], label: label))
        }
        if classes.count < 2 { problems.append("fewer than two classes: \(classes.joined(separator: ", "))") }
        guard problems.isEmpty else { throw StorageError.table(path: url.path, problems: problems) }
        return Cohort(classes: classes, slides: slides)
    }

    private static func sorted(_ labels: Set<String>) -> [String] {
        let numbers = labels.compactMap { label in Double(label).map { (label: label, value: $0) } }
        // Numbers beside words have no order of their own; equal numbers written differently go by their text.
        guard numbers.count == labels.count, numbers.allSatisfy(\.value.isFinite) else { return labels.sorted() }
        return numbers.sorted { ($0.value, $0.label) < ($1.value, $1.label) }.map(\.label)
    }
}
