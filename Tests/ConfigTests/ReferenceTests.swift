import Files
import Foundation
import Pipeline
import Records
import Testing

@testable import Config

/// The repository.
private let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL

private func decode(_ json: String) throws -> PipelineConfig {
    try JSONDecoder().decode(PipelineConfig.self, from: Data(json.utf8))
}

@Suite struct ReferenceTests {
    private static let page = ConfigReference(PipelineConfig.outline).markdown

    private static let sections: [any ConfigSection.Type] = [
        PipelineConfig.self, CohortConfig.self, CohortConfig.Columns.self, TilingConfig.self, MaskConfig.self,
        FeaturesConfig.self, ABMILConfig.self, ACMILConfig.self, PoolingConfig.self, CLAMConfig.self, DSMILConfig.self,
        TransMILConfig.self, MHIMConfig.self, MHIMConfig.Start.self, TrainingConfig.self, Recipe.EarlyStopping.self,
        EvaluationConfig.self, HeatmapConfig.self, StagingConfig.self, DTFDConfig.self, RRTConfig.self,
        WiKGConfig.self, SearchConfig.self,
        // Of five models.
        ReembeddingConfig.self, ReembeddingConfig.self, ReembeddingConfig.self, ReembeddingConfig.self,
        ReembeddingConfig.self,
    ]

    private static let numericKeys = PipelineConfig.outline.numericKeys(on: ReferencePage(page))

    @Test func thePageInTheRepositoryIsTheGeneratedOne() throws {
        let committed = try String(contentsOf: root.appending(path: "docs/config.md"), encoding: .utf8)
        #expect(committed == Self.page, "run: wsi config --reference > docs/config.md")
    }

    @Test func whatSeveralModelsHaveStandsThereOnce() {
        let headings = Self.page.split(separator: "\n").filter { $0.hasPrefix("#") }
        #expect(headings.count { $0.hasSuffix("`model.reembedding`") } == 1)
        #expect(Set(headings).count == headings.count)
    }

    @Test(arguments: ReferenceTests.sections)
    func everyKeyOfASectionIsDeclaredOnce(_ section: any ConfigSection.Type) {
        func check<Section: ConfigSection>(_: Section.Type) {
            let declared = Section.fields.map(\.key.stringValue)
            #expect(declared.sorted() == Section.CodingKeys.allCases.map(\.stringValue).sorted())
            #expect(declared.count == Mirror(reflecting: Section()).children.count, "a property is no key")
        }
        check(section)
    }

    /// A key that a condition names has to be read before.
    @Test(arguments: ReferenceTests.sections)
    func whatAKeyDependsOnStandsBeforeIt(_ section: any ConfigSection.Type) {
        func check<Section: ConfigSection>(_: Section.Type) {
            let keys = Section.fields.map(\.key.stringValue)
            for (index, field) in Section.fields.enumerated() {
                for other in field.conditions.flatMap(\.shape.keys) {
                    #expect(keys[..<index].contains(other), "\(field.key.stringValue) needs \(other)")
                }
            }
        }
        check(section)
    }

    @Test func everySectionIsReachedFromTheWhole() {
        func below(_ outline: ConfigOutline) -> [[String]] {
            [outline.entries.map(\.key)]
                + outline.entries.flatMap { entry -> [[String]] in
                    switch entry.shape {
                    case .section(let outline): below(outline)
                    case .kinds(_, let kinds, _): kinds.flatMap { below($0.outline) }
                    default: []
                    }
                }
        }
        let known = Self.sections.map { ConfigOutline($0).entries.map(\.key) }
        #expect(Set(below(PipelineConfig.outline)) == Set(known))
        #expect(below(PipelineConfig.outline).count == known.count)
        for kind in ModelConfig.Kind.allCases {
            #expect(throws: Never.self) {
                try JSONDecoder().decode(ModelConfig.self, from: Data(#"{"kind": "\#(kind.rawValue)"}"#.utf8))
            }
        }
    }

    @Test func everyKeyAndEveryWordIsExplained() {
        func check(_ outline: ConfigOutline) {
            #expect(outline.words.hasSuffix("."))
            for entry in outline.entries {
                #expect(entry.words.hasSuffix("."), "\(entry.key)")
                #expect(entry.since.wholeMatch(of: /\d+\.\d+\.\d+/) != nil, "\(entry.key)")
                for choice in entry.shape.choices where entry.shape.choices.count > 1 {
                    #expect(!choice.meaning.isEmpty && Self.page.contains("`\(choice.word)`: \(choice.meaning)"))
                }
                switch entry.shape {
                case .section(let outline): check(outline)
                case .kinds(_, let kinds, _): kinds.forEach { check($0.outline) }
                default: break
                }
            }
        }
        check(PipelineConfig.outline)
    }

    @Test(arguments: ReferenceTests.numericKeys)
    func theParserTakesEveryBoundOfThePageAndNothingBeyond(_ key: NumericKey) throws {
        let (within, beyond) = key.numbers
        #expect(!within.isEmpty || key.range == "any")
        for number in within {
            #expect(throws: Never.self, "\(number)") { try decode(key.config(number)) }
        }
        for number in beyond + (key.isWhole ? ["1.5"] : []) {
            let error = #expect(throws: ConfigError.self, "\(number)") { try decode(key.config(number)) }
            #expect(error?.subject == key.path, "\(number): \(error?.description ?? "")")
            #expect(error?.message.hasSuffix("wanted here") == true, "\(number): \(error?.message ?? "")")
        }
    }

    @Test(arguments: ReferenceTests.numericKeys)
    func theSchemaTakesTheSameNumbers(_ key: NumericKey) throws {
        let schema = SchemaCheck(ConfigSchema(PipelineConfig.outline).json)
        func accepts(_ number: String) throws -> Bool {
            schema.accepts(try JSONDecoder().decode(JSONValue.self, from: Data(key.config(number).utf8)))
        }
        // A schema's numbers are those of JSON: the largest seed and the one after it are the same.
        let (within, beyond) = key.numbers
        for number in within { #expect(try accepts(number), "\(number)") }
        for number in beyond where !number.hasPrefix("1844674407370955161") {
            #expect(try !accepts(number), "\(number)")
        }
    }

    @Test func theKeysWithNumbersAreAllFound() {
        #expect(Self.numericKeys.count > 60)
        let paths = Set(Self.numericKeys.map(\.path))
        #expect(
            paths.isSuperset(of: ["tiling.mask.mask_mpp", "training.early_stopping.patience", "evaluation.bootstrap"])
        )
    }
}

@Suite struct SchemaTests {
    private let schema = SchemaCheck(ConfigSchema(PipelineConfig.outline).json)

    private func accepts(_ json: String) throws -> Bool {
        schema.accepts(try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)))
    }

    @Test func theConfigsOfTheRepositoryFit() throws {
        let folder = root.appending(path: "pipelines")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
        #expect(files.count > 3)
        for file in files { #expect(try accepts(String(contentsOf: file, encoding: .utf8)), "\(file.path)") }
    }

    /// What a member of the config, or of the model, makes of it, for the parser and for the schema.
    @Test(arguments: [
        (#""name": "x""#, true), (#""$schema": "study.schema.json""#, true), (#""tiling": null"#, true),
        (#""tilling": {}"#, false), (#""tiling": {"edge": "wrap"}"#, false), (#""tiling": {"edge": null}"#, true),
        (#""features": {"patch_size_level0": 512}"#, false),
        (#""features": {"path": "f", "patch_size_level0": 512}"#, true),
        (#""training": {"seeds": [1, 2]}"#, true), (#""training": {"seeds": [1, 2], "seed": 3}"#, false),
        (#""training": {"seeds": [1, 1]}"#, false), (#""training": {"early_stopping": {}}"#, false),
        (#""training": {"class_weights": [1, 2]}"#, true), (#""training": {"class_weights": [0, 2]}"#, false),
        (#""training": {"class_weights": []}"#, false), (#""training": {"class_weights": "balanced"}"#, true),
        (#""search": {"training": {"learning_rate": [0.1, 0.2], "mixup": [null, 0.5]}}"#, true),
        (#""search": {"training": {"learning_rate": [0.1, 7]}}"#, false),
        (#""search": {"training": {"rate": [1, 2]}}"#, false),
        (#""search": {"training": {"learning_rate": 0.1}}"#, false),
        (#""search": {"models": [{"kind": "mean"}, {"kind": "max", "dropout": 0.1}]}"#, true),
        (#""search": {"models": [{"kind": "mean"}, {"kind": "cnn"}]}"#, false),
        (#""search": {"models": [{"kind": "mean"}, {"kind": "max"}], "model": {"dropout": [0, 0.1]}}"#, false),
        (#""search": {"model": {"dropout": [0, 0.1]}, "candidates": 1}"#, false),
        (#""heatmap": {"outputs": []}"#, false), (#""heatmap": {"range": [1]}"#, false),
    ])
    func theSchemaAgreesWithTheParser(member: String, fits: Bool) throws {
        let json = #"{"cohort": {"slides": "s", "labels": "l"}, "model": {"kind": "abmil"}, \#(member)}"#
        #expect(try accepts(json) == fits)
        #expect(((try? decode(json)) != nil) == fits)
    }

    @Test(arguments: [
        (#"{"kind": "abmil", "gated": false}"#, true), (#"{"kind": "abmil", "heads": 2}"#, false),
        (#"{"kind": "max", "hidden": 8}"#, true), (#"{"kind": "cnn"}"#, false), ("{}", false),
        (#"{"kind": "acmil", "heads": 8}"#, false), (#"{"kind": "acmil", "variant": "mha", "heads": 8}"#, true),
        (#"{"kind": "acmil", "variant": null, "attention_hidden": 8}"#, true),
        (#"{"kind": "acmil", "variant": "mha", "attention_hidden": 8}"#, false),
        (#"{"kind": "mhim", "merge": false}"#, true), (#"{"kind": "mhim", "version": 1, "merge": false}"#, false),
        (#"{"kind": "mhim", "landmarks": 8}"#, false), (#"{"kind": "mhim", "host": "transmil", "landmarks": 8}"#, true),
        (#"{"kind": "mhim", "init": {"student": "teacher"}}"#, true),
        (#"{"kind": "mhim", "init": {"teacher": true}}"#, false),
    ])
    func theKeysOfAModelFollowItsKind(model: String, fits: Bool) throws {
        let json = #"{"cohort": {"slides": "s", "labels": "l"}, "model": \#(model)}"#
        #expect(try accepts(json) == fits)
        #expect(((try? decode(json)) != nil) == fits)
    }
}

@Suite struct ResolvedConfigTests {
    private static let files =
        (try? FileManager.default.contentsOfDirectory(
            at: root.appending(path: "pipelines"),
            includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == "json" }) ?? []

    @Test(arguments: ResolvedConfigTests.files)
    func whatIsShownReadsBackAsTheSameConfig(file: URL) throws {
        let resolved = try ResolvedConfig(contentsOf: file)
        #expect(try decode(resolved.text.json) == resolved.config)
        #expect(resolved.given.contains("model.kind") && !resolved.given.contains("tiling.mask.mask_mpp"))
    }

    @Test func everyKeyIsShownInTheOrderOfTheReference() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "shown-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let json = """
            {"model": {"kind": "mhim", "version": 1, "mask_high": null}, "training": {"seed": 18446744073709551615},
             "cohort": {"labels": "l", "slides": "s", "label_map": {"x": "y"}}, "$schema": "any"}
            """
        try Data(json.utf8).write(to: file)
        let resolved = try ResolvedConfig(contentsOf: file)
        #expect(
            resolved.given == [
                "cohort.slides", "cohort.labels", "cohort.label_map", "model.kind", "model.version", "training.seed",
            ]
        )
        guard case .members(let sections) = resolved.text else { throw ConfigError("", "no object") }
        #expect(sections.map(\.key) == PipelineConfig.fields.map(\.key.stringValue))
        let text = resolved.text.json
        #expect(text.contains("\"seed\": 18446744073709551615") && text.contains("\"mask_high\": 0.01"))
        #expect(text.contains("\"label_map\": {\"x\":\"y\"}") && text.contains("\"name\": \"mhim\""))
        #expect(!text.contains("merge"), "version 1 has no such key")
        #expect(try decode(text) == resolved.config)
    }
}
