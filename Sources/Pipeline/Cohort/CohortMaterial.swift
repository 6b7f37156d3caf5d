import Config
import Evaluation
import Files
import Foundation
import Records
import Storage

/// A study's cohort with its columns, features and what its job knows of the slides.
struct CohortMaterial {
    let reading: StudyReading
    let features: Features
    let layout: JobLayout?
    private(set) var notes: [String]

    /// - Throws: `ConfigError`, or `StudyProblems` with all that is wrong in the files that the config names; `Failure` where there are
    ///   no features.
    init(config: URL, overrides: StudyOverrides, layout: JobLayout?) throws {
        reading = try StudyReading(config: config, overrides: overrides)
        self.layout = layout
        notes = reading.notes
        var problems = reading.problems
        if let path = reading.config.features.path {
            let check = FeatureCheck(StudyReading.path(path, in: reading.folder), of: reading, values: false) { _ in }
            problems += check.problems
            notes += check.notes
            features = check.features
        } else {
            guard let layout else {
                let words = "the config names no features that are there; name the job that has made them with --out"
                throw Failure(.usage, nil, words)
            }
            let word = StudyCheck.word(reading.config.features.encoder ?? "", in: reading.folder)
            features = try Features.read(layout, encoder: EncoderChoice(word).identity.name)
            if problems.isEmpty { try features.check(reading.cohort.slides.map(\.slide)) }
        }
        guard problems.isEmpty else { throw StudyProblems(problems: problems.byCause) }
        guard reading.cohort.slides.contains(where: { features.files[$0.slide] != nil }) else {
            throw Failure(.notFound, layout?.root.path, "no slide of the cohort has features; run wsi features first")
        }
    }

    var seed: UInt64 { reading.config.cohort.seed }

    /// What is asked, where it is a class, a grade or a number; of several targets the first.
    func label(_ slides: [CohortSlide]) -> CohortColumn? {
        let name = "label"
        switch reading.cohort.kind {
        case .class, .ordinal:
            let labels = slides.map { $0.target.label ?? $0.target.grade }
            return CohortColumn(name, .groups(labels, names: reading.cohort.classes))
        case .number: return CohortColumn(name, .numbers(slides.map { $0.target.number }))
        case .labels, .survival: return nil
        }
    }

    /// Columns that can be tested, and why others cannot; cells are of `slides`.
    func columns(_ slides: [CohortSlide], wanted: [String]) throws -> (
        tested: [CohortColumn], skipped: [CohortReport.Skipped]
    ) {
        let table = try StudyTable(reading, slides: slides.map(\.slide), wanted: wanted)
        var (tested, skipped): ([CohortColumn], [CohortReport.Skipped]) = ([], [])
        for (name, cells) in table.columns {
            switch ColumnReading(name, cells, cases: slides.map(\.caseID)) {
            case .column(let column): tested.append(column)
            case .skipped(let reason): skipped.append(CohortReport.Skipped(name: name, reason: reason))
            }
        }
        return (tested, skipped)
    }

    /// Numbers of slides that should not give the label away. Sizes are compared by their logarithms.
    /// - Parameter counts: patches of each slide.
    func facts(_ slides: [CohortSlide], counts: [Int]) throws -> [CohortSample.Fact] {
        var facts = [
            CohortSample.Fact("patches", title: "number of patches", counts.map { [log(Double($0))] })
        ]
        guard let layout else { return facts }
        let outcomes = try Stage.outcomes(stage: StageName.tile, in: layout).filter { $0.status == .ok }
        let tiled = Dictionary(outcomes.map { ($0.slide, $0) }, uniquingKeysWith: { first, _ in first })
        guard slides.contains(where: { tiled[$0.slide] != nil }) else { return facts }
        func fact(_ name: String, _ title: String, _ value: (Outcome) -> [Double]?) {
            let values = slides.map { tiled[$0.slide].flatMap(value) }
            if values.contains(where: { $0 != nil }) { facts.append(CohortSample.Fact(name, title: title, values)) }
        }
        func logarithm(_ value: Double?) -> [Double]? { value.flatMap { $0 > 0 ? [log($0)] : nil } }
        fact("slide_size", "size of the slide in pixels") { outcome in
            guard let width = outcome[.width], let height = outcome[.height] else { return nil }
            return logarithm(width * height)
        }
        fact("tissue_area", "tissue area") { logarithm($0[.tissueUM2]) }
        fact("file_size", "size of the file") { logarithm($0[.fileBytes]) }
        fact("mean_colour", "mean colour of the tissue") { outcome in
            let colour = TileTask.meanColour.compactMap { outcome[$0] }
            return colour.count == TileTask.meanColour.count ? colour : nil
        }
        return facts
    }

    /// Figures of the study's training by groups of columns; none where it is not trained.
    func subgroups(_ columns: [CohortColumn], _ slides: [CohortSlide]) throws -> (
        figures: [SubgroupFigures], notes: [String]
    ) {
        guard let layout, !columns.isEmpty else { return ([], []) }
        let model = layout.training(reading.config.name)
        let seeds = try TrainedSeeds(in: model)
        guard let trained = seeds.trained.first, try RegularFile.exists(trained.file(.study)) else { return ([], []) }
        let study = try TrainedStudy.read(trained, of: TrainedStudy.isEvidence)
        let groups = columns.map { column in (name: column.name, groups: Self.groups(column, slides, study.cases)) }
        let figures = try SubgroupFigures(
            model: trained.url,
            folds: study.splits.map(\.fold),
            columns: groups,
            evaluation: study.config.evaluation,
            seed: study.config.training.seed
        )
        guard seeds.trained.count > 1 else { return ([figures], []) }
        return (
            [figures], ["figures by group are of seed \(trained.name.seed ?? 0), the first of \(seeds.trained.count)"]
        )
    }

    /// Of each bag its group; numbers are parted at their median. Of a case that is one bag, the value that all its slides have.
    static func groups(_ column: CohortColumn, _ slides: [CohortSlide], _ cases: [String: [SlideID]]?) -> [SlideID:
        String]
    {
        let words = words(column)
        let known = Dictionary(
            zip(slides, words).compactMap { slide, word in word.map { (slide.slide, $0) } },
            uniquingKeysWith: { first, _ in first }
        )
        guard let cases else { return known }
        var found: [SlideID: String] = [:]
        for (name, members) in cases {
            let values = Set(members.map { known[$0] ?? "" })
            guard values.count == 1, let value = values.first, !value.isEmpty, let bag = try? SlideID(name) else {
                continue
            }
            found[bag] = value
        }
        return found
    }

    /// The group of each slide in words.
    static func words(_ column: CohortColumn) -> [String?] {
        switch column.values {
        case .groups(let groups, let names): return groups.map { $0.map { names[$0] } }
        case .numbers(let numbers):
            let sorted = numbers.compactMap { $0 }.sorted()
            guard !sorted.isEmpty else { return numbers.map { _ in nil } }
            let median = sorted[(sorted.count - 1) / 2]
            return numbers.map { number in number.map { $0 <= median ? "lower half" : "upper half" } }
        }
    }
}
