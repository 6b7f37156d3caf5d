public import Files
import Foundation
public import Records

/// One of the configs that a fold compares: a whole one, of which only model and training are its own.
public struct SearchCandidate: Codable, Equatable, Sendable {
    /// A key with the value that tells this candidate from others.
    public struct Setting: Codable, Equatable, Sendable {
        /// Such as `training.learning_rate`; `model` for a whole one.
        public var key: String
        /// Of a whole model words, such as `acmil (branches 3)`.
        public var value: JSONValue

        public init(key: String, value: JSONValue) { (self.key, self.value) = (key, value) }
    }

    /// Its place among those that are tried, counted from 1.
    public var number: Int
    public var settings: [Setting]
    public var model: ModelConfig
    public var training: TrainingConfig

    /// For people: `candidate 3 (training.learning_rate 0.0003)`
    public var words: String {
        "candidate \(number) (\(settings.map { "\($0.key) \($0.value.words)" }.joined(separator: ", ")))"
    }
}

extension SearchConfig {
    /// What varies: whole models first, then keys of the model, then keys of the training, each in the order of the reference.
    private struct Axes {
        var models: [ModelConfig]
        var model: [ConfigGrid.Axis]
        var training: [ConfigGrid.Axis]

        /// How many combinations there are; nil for more than can be counted.
        var combinations: Int? {
            ([models.count] + (model + training).map(\.values.count)).reduce(1 as Int?) { product, count in
                product.flatMap { product in
                    let (next, overflows) = product.multipliedReportingOverflow(by: count)
                    return overflows ? nil : next
                }
            }
        }
    }

    private func axes(_ model: ModelConfig, _ training: TrainingConfig) throws -> Axes {
        func axes<Section: ModelSection>(_ section: Section) throws -> [ConfigGrid.Axis] {
            let whole = "it tells which other keys there are; list whole models in search.models"
            let own = Dictionary(uniqueKeysWithValues: Section.rulingKeys.map { ($0, whole) })
            return try self.model?.axes(of: section, refusing: own, at: "search.model") ?? []
        }
        let refused = Dictionary(uniqueKeysWithValues: Self.refused.map { ($0.key.stringValue, $0.value) })
        return Axes(
            models: models ?? [model],
            model: try axes(model.section),
            training: try self.training?.axes(of: training, refusing: refused, at: "search.training") ?? []
        )
    }

    /// How many combinations of the listed values there are.
    /// - Throws: `ConfigError` with the path of what cannot be tried.
    public func combinations(_ model: ModelConfig, _ training: TrainingConfig) throws -> Int {
        guard let count = try axes(model, training).combinations else {
            throw ConfigError("search", "there are more combinations than can be counted; list fewer values")
        }
        return count
    }

    /// What every fold is trained with, in the order of the grid, its last key changing fastest.
    /// - Parameters:
    ///   - model: of the config, as `training` is.
    /// - Throws: `ConfigError` with the path of a key or value that cannot be tried, or with the candidate whose keys do not go together.
    public func candidates(of model: ModelConfig, _ training: TrainingConfig) throws -> [SearchCandidate] {
        let axes = try axes(model, training)
        let combinations = try combinations(model, training)
        try ConfigError.check(
            combinations > 1,
            "search",
            "one config is no search; list two values of a key, or two models"
        )
        var found: [SearchCandidate] = []
        for (place, combination) in drawn(from: combinations).enumerated() {
            found.append(try candidate(place + 1, combination, axes, training))
        }
        for (place, one) in found.enumerated() {
            let twin = found[..<place].first { $0.model == one.model && $0.training == one.training }
            if let twin {
                let same = "\(twin.words) and \(one.words) are the same config"
                throw ConfigError("search", "\(same); leave out one of the values")
            }
        }
        return found
    }

    /// The combinations that are tried, in their order: all, or a sample without replacement (Floyd, CACM 1987).
    private func drawn(from combinations: Int) -> [Int] {
        guard combinations > candidates else { return Array(0..<combinations) }
        var random = CounterRandom(seed: seed, "search")
        var taken: Set<Int> = []
        for last in (combinations - candidates)..<combinations {
            let place = random.index(below: last + 1)
            taken.insert(taken.contains(place) ? last : place)
        }
        return taken.sorted()
    }

    private func candidate(
        _ number: Int,
        _ combination: Int,
        _ axes: Axes,
        _ training: TrainingConfig
    ) throws -> SearchCandidate {
        var rest = combination
        func place(among count: Int) -> Int {
            defer { rest /= count }
            return rest % count
        }
        // From the last key to the first.
        let ofTraining = Array(axes.training.reversed().map { $0[place(among: $0.values.count)] }.reversed())
        let ofModel = Array(axes.model.reversed().map { $0[place(among: $0.values.count)] }.reversed())
        let model = axes.models[place(among: axes.models.count)]
        let whole = models == nil ? [] : [SearchCandidate.Setting(key: "model", value: .string(model.words))]
        let picks = ofModel.map { ("model", $0) } + ofTraining.map { ("training", $0) }
        var candidate = SearchCandidate(
            number: number,
            settings: whole + picks.map { SearchCandidate.Setting(key: "\($0).\($1.key)", value: $1.value) },
            model: model,
            training: training
        )
        do {
            candidate.model = try model.setting(ofModel)
            candidate.training = try training.setting(ofTraining, at: "training")
        } catch let error as ConfigError where error.subject?.hasPrefix("search.") != true {
            let key = error.subject.map { "\($0): " } ?? ""
            throw ConfigError("search", "\(candidate.words): \(key)\(error.message)")
        }
        return candidate
    }

    /// What candidates are compared by: what is said, or else that by which all of them choose their epoch, or else the loss.
    /// - Parameters:
    ///   - classes: how many.
    ///   - kind: of the targets; only classes have figures to be compared by.
    public func measure(_ candidates: [SearchCandidate], classes: Int, kind: Target.Kind) -> Recipe.Selection {
        if let measure { return measure }
        let all = Set(
            candidates.map { one -> Recipe.Selection in
                // A plan chooses by the loss, where it has anything to choose by.
                if one.training.plan == .auto, one.training.selection == nil { return .loss }
                return one.training.recipe(for: one.model, featureWidth: 0, classes: classes, kind: kind).selection
            }
        )
        guard all.count == 1, let only = all.first, only != .last else { return .loss }
        return only
    }
}

extension ModelConfig {
    /// The same model with keys of its section set.
    fileprivate func setting(_ picks: [ConfigGrid.Pick]) throws -> ModelConfig {
        if picks.isEmpty { return self }
        func set(_ section: some ModelSection) throws -> Data {
            try CanonicalJSON.line(section.setting(picks, at: "model"))
        }
        return try JSONDecoder().decode(ModelConfig.self, from: set(section))
    }

    /// Its kind, and what differs from the defaults of that: `acmil (branches 3)`.
    fileprivate var words: String {
        func members(_ section: some ConfigSection) -> [String: JSONValue] {
            let value = try? JSONDecoder().decode(JSONValue.self, from: CanonicalJSON.line(section))
            if case .object(let members)? = value { return members }
            return [:]
        }
        func defaults(_ section: some ConfigSection) -> [String: JSONValue] { members(section.defaults) }
        func ruling<Section: ModelSection>(_: Section) -> [String] { Section.rulingKeys }
        let name = KindKey.kind.stringValue
        let plain = try? JSONDecoder().decode(ModelConfig.self, from: CanonicalJSON.line([name: kind.rawValue]))
        let (own, usual, first) = (members(section), defaults(section), plain.map { members($0.section) } ?? [:])
        // The defaults of a section are those that its ruling keys give, and so hold the values of these.
        let ruling = ruling(section)
        let others = own.filter { key, value in
            key != name && (usual[key] != value || ruling.contains(key) && first[key] != value)
        }
        if others.isEmpty { return kind.rawValue }
        let words = others.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.words)" }
        return "\(kind.rawValue) (\(words.joined(separator: ", ")))"
    }
}

extension ModelSection {
    /// Keys that tell which others there are, or what their defaults are.
    fileprivate static var rulingKeys: [String] { fields.filter(\.rulesOthers).map(\.key.stringValue) }
}
