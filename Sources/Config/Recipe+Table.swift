import Files
import Foundation

extension Recipe {
    /// The published recipes of all models, as a Markdown table.
    static var table: String {
        let models = ModelConfig.entries.flatMap { entry in
            entry.recipes.map { recipe in
                let kinds = entry.kinds.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                return (name: kinds + (recipe.name.isEmpty ? "" : " (\(recipe.name))"), section: recipe.section)
            }
        }
        let keys = TrainingConfig.CodingKeys.allCases.map(\.stringValue).filter { CodingKeys(stringValue: $0) != nil }
        // What no published recipe has is no row.
        let shown = TrainingConfig.fields.map(\.key.stringValue).filter { key in
            keys.contains(key)
                && models.contains { !$0.section.recipe(featureWidth: 1024, classes: 2).text(of: key).isEmpty }
        }
        // Models with one recipe share a column.
        var columns: [(names: [String], cells: [String])] = []
        for model in models {
            let cells = shown.map { cell($0, model.section) }
            if let column = columns.firstIndex(where: { $0.cells == cells }) {
                columns[column].names.append(model.name)
            } else {
                columns.append(([model.name], cells))
            }
        }
        let rows = shown.indices.map { row in ["`\(shown[row])`"] + columns.map { $0.cells[row] } }
        return """
            The recipe of each model. Features 512 wide are ResNet-18's, for which ACMIL's runs took twice the rate and epochs.

            \(Markdown.table(["key"] + columns.map { $0.names.joined(separator: ", ") }, rows))
            """
    }

    private static func cell(_ key: String, _ model: any ModelSection) -> String {
        func value(_ featureWidth: Int, _ classes: Int) -> String {
            model.recipe(featureWidth: featureWidth, classes: classes).text(of: key)
        }
        let usual = value(1024, 2)
        let others = [("features 512 wide", value(512, 2)), ("more than two classes", value(1024, 3))]
            .filter { $0.1 != usual }.map { "; \($0.0): `\($0.1)`" }
        return "`\(usual)`\(others.joined())"
    }

    private func text(of key: String) -> String {
        let value = (try? JSONDecoder().decode(JSONValue.self, from: CanonicalJSON.line(self)))?[key]
        return value.flatMap { try? CanonicalJSON.line($0) }.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
