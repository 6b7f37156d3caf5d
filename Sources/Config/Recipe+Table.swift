import Files
import Foundation

extension Recipe {
    /// The published recipes of all models, as a Markdown table.
    static var table: String {
        var configs: [(name: String, model: ModelConfig)] = ACMILConfig.variants.map {
            ("`acmil`, \($0.name)", .acmil($0.defaults))
        }
        configs.append(("`abmil`, `mean`, `max`", .abmil(ABMILConfig())))
        configs += [2, 1].map { ("`mhim`, version \($0)", .mhim(MHIMConfig(version: $0))) }
        configs.append(("`clam`, `dsmil`, `transmil`", .clam(CLAMConfig())))
        let keys = TrainingConfig.CodingKeys.allCases.map(\.stringValue).filter { CodingKeys(stringValue: $0) != nil }
        let rows = TrainingConfig.fields.map(\.key.stringValue).filter(keys.contains).map { key in
            ["`\(key)`"] + configs.map { cell(key, $0.model) }
        }
        return """
            The recipe of each model. Features 512 wide are ResNet-18's, for which ACMIL's runs took twice the rate and epochs.

            \(Markdown.table(["key"] + configs.map(\.name), rows))
            """
    }

    private static func cell(_ key: String, _ model: ModelConfig) -> String {
        func value(_ featureWidth: Int, _ classes: Int) -> String {
            published(for: model, featureWidth: featureWidth, classes: classes).text(of: key)
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
