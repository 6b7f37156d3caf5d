import Evaluation
import Files
import Foundation
import Records
import Storage

/// What the folds of a training said of the slides that they tested, over all of its seeds.
struct TestRecords {
    private(set) var labels: [SlideID: String] = [:]
    private(set) var cases: [SlideID: String] = [:]
    /// The numbers of the answers by their names, one entry a test.
    private var tests: [SlideID: [[String: Double]]] = [:]

    /// - Throws: `StorageError` for a table that cannot be read.
    init(model: TrainingName, in layout: JobLayout) throws {
        let all = layout.training(model.study).url
        let seeds: [UInt64?] = model.seed == nil ? [nil] : SeedFolder.seeds(among: try FolderWalk.names(in: all))
        let trainings = seeds.map { layout.training(model.study, seed: $0) }
        let folds = try trainings.flatMap { training in try Self.folds(of: training).map { (training, $0) } }
        for (training, fold) in folds {
            let folder = training.fold(fold)
            guard try RegularFile.exists(folder.file(.predictions)) else { continue }
            let unit = UnitID.fold(fold, seed: training.name.seed)
            try layout.record(of: unit, stage: .train(model.study))?.check(in: layout) {
                FoldFolder.isPath($0, of: .predictions)
            }
            let predictions = try FoldPredictions(folder: folder.url)
            for row in predictions.rows {
                labels[row.slide] = row.judged.target.name(among: predictions.classes)
                if !row.judged.caseID.isEmpty { cases[row.slide] = row.judged.caseID }
                guard row.part == "test" else { continue }
                let numbers = row.judged.answer.numbers(among: predictions.classes).map { ($0.name, $0.number) }
                tests[row.slide, default: []].append(Dictionary(numbers, uniquingKeysWith: { first, _ in first }))
            }
        }
    }

    private static func folds(of training: TrainingFolder) throws -> [Int] {
        try FolderWalk.names(in: training.url).sorted().compactMap { FoldName.fold(of: $0) }
    }

    /// Lowest and highest of each of the forecast's numbers; nil where the slide was not tested several times.
    func ranges(of slide: SlideID, like forecast: ReviewJob.Forecast) -> [[Double]]? {
        guard let tests = tests[slide], tests.count > 1 else { return nil }
        let names = forecast.answer.numbers(among: forecast.classes).map(\.name)
        let ranges = names.compactMap { name in
            let values = tests.compactMap { $0[name] }
            return values.min().flatMap { low in values.max().map { [low, $0] } }
        }
        return ranges.count == names.count ? ranges : nil
    }
}

/// The slides that were tiled.
struct TiledSlides {
    struct Facts {
        var pyramid: TilePyramid?
        var mpp: Double?
        var quality: JSONValue?
    }

    /// Without facts where a slide has no patch file: it could not be opened.
    private(set) var slides: [SlideID: Facts] = [:]
    private(set) var problems: [Failure] = []

    init(_ layout: JobLayout) throws {
        let folder = layout.outcomes(stage: .tile)
        let names = try FolderWalk.names(in: folder)
        for name in names.sorted() where name.hasSuffix(".json") && !name.hasPrefix(".") {
            do {
                let outcome = try Outcome.read(folder.appending(path: name))
                slides[outcome.slide] = Facts()
                guard let grid = outcome[.grid] else { continue }
                try outcome.check(in: layout, of: JobLayout.isPatchFile)
                let (facts, attributes) = try PatchFile.read(
                    layout.patches(in: layout.grid(grid), outcome.slide)
                )
                slides[outcome.slide] = Facts(
                    pyramid: TilePyramid(size: facts.slideSize, bounds: facts.bounds),
                    mpp: facts.scale.mpp,
                    quality: attributes["wsi_quality"].flatMap(Self.quality)
                )
            } catch { problems.append(Failure(error)) }
        }
    }

    /// With the figures that the page shows named beside them.
    private static func quality(_ text: String) -> JSONValue? {
        guard let members = try? JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8)) else {
            return nil
        }
        let shown = QualityColumn.figures.filter(\.isOnPage).map { JSONValue.string($0.name.rawValue) }
        return .object(members.merging(["shown": .array(shown)]) { $1 })
    }
}
