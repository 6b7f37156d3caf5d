import Config
public import Evaluation
import Files
public import Foundation
public import Records
import Storage

/// `wsi cohort`: what features, files and tables of a study say beside its labels.
public struct CohortRun: Sendable {
    public struct Options: Sendable {
        /// Columns that are looked at; empty: all.
        public var columns: [String]
        public var permutations: Int
        /// Drawn for maps and clusters.
        public var patches: Int
        public var clusters: Int

        public init(columns: [String] = [], permutations: Int = 999, patches: Int = 2000, clusters: Int = 8) {
            (self.columns, self.permutations) = (columns, permutations)
            (self.patches, self.clusters) = (patches, clusters)
        }
    }

    let material: CohortMaterial
    private let options: Options

    /// - Parameter layout: the job whose features are looked at where the config names no others, and what it knows of slides; nil:
    ///   features of the config alone.
    /// - Throws: as `CohortMaterial`.
    public init(
        config: URL,
        overrides: StudyOverrides = StudyOverrides(),
        layout: JobLayout?,
        options: Options = Options()
    ) throws {
        material = try CohortMaterial(config: config, overrides: overrides, layout: layout)
        self.options = options
    }

    /// Everything but pictures; nothing is written.
    /// - Throws: errors of features, tables and trainings that cannot be used.
    public func found(progress: ProgressSink) throws -> CohortFound {
        let cohort = material.reading.cohort.slides
        progress(.began(stage: "cohort", units: cohort.count, done: 0))
        let features = try CohortFeatures(
            material.features,
            of: cohort,
            patches: options.patches,
            seed: material.seed
        ) { progress(.finished(unit: $0.text, failure: nil)) }
        let slides = features.slides
        guard !slides.isEmpty else { throw Failure(.usage, material.layout?.root.path, "no slide has a patch") }
        let columns = try material.columns(slides, wanted: options.columns)
        let sample = CohortSample(
            slides: slides.map(\.slide),
            cases: slides.map(\.caseID),
            label: material.label(slides),
            features: features.means,
            columns: columns.tested,
            facts: try material.facts(slides, counts: features.counts)
        )
        var report = CohortReport(
            name: material.reading.config.name,
            slides: slides.count,
            cases: Set(sample.cases).count,
            width: features.width
        )
        report.notes = material.notes
        report.skipped = columns.skipped
        if sample.label == nil {
            report.notes.append("no class or number is asked, so that no column is held against the label")
        }
        report.take(CohortJudge(sample, permutations: options.permutations, seed: material.seed).findings())
        if report.testedSlides < report.slides {
            report.notes.append(
                "tests look at \(report.testedSlides) of \(report.slides) slides: whole cases, drawn by a seed"
            )
        }
        report.take(
            NearDuplicates(
                sample.slides,
                cases: sample.cases,
                features: sample.features,
                digests: features.digests,
                splits: material.reading.splits
            )
        )
        let subgroups = try material.subgroups(columns.tested, slides)
        report.subgroups = subgroups.figures
        report.notes += subgroups.notes
        let classes = material.reading.cohort.classes
        return CohortFound(
            report,
            features,
            labels: slides.map { $0.target.name(among: classes) },
            columns: columns.tested,
            clusters: options.clusters,
            seed: material.seed
        )
    }

    /// Writes what was found to `JOB/cohort/`, the page last.
    /// - Parameter pictures: of the clusters' examples, by `CohortPage.picture(_:)`.
    /// - Throws: `StorageError`.
    public static func write(_ found: CohortFound, pictures: [String: Data], to layout: JobLayout) throws {
        try AtomicFile.write(found.slideTable, to: layout.cohort(.slides))
        try AtomicFile.write(found.patchTable, to: layout.cohort(.patches))
        try CanonicalJSON.write(found.report, to: layout.cohort(.report))
        try AtomicFile.write(found.page(pictures), to: layout.cohort(.page))
    }

    /// Small pictures of the clusters' examples, read by processes of their own.
    /// - Parameter note: told why slides have none.
    public static func pictures(
        _ found: CohortFound,
        layout: JobLayout,
        settings: WorkSettings,
        note: @escaping @Sendable (String) -> Void
    ) async throws -> [String: Data] {
        let viewers = try await SlideViewers(layout, settings: settings)
        var pictures: [String: Data] = [:]
        var (wanted, failed): (Set<SlideID>, [String: String]) = ([], [:])
        let examples = found.report.clusters.flatMap(\.examples).sorted {
            ($0.slide.text, $0.row) < ($1.slide.text, $1.row)
        }
        for example in examples where failed[example.slide.text] == nil {
            guard let (corner, side) = found.place(of: example) else { continue }
            wanted.insert(example.slide)
            do {
                pictures[CohortPage.picture(example)] = try await viewers.patch(
                    at: corner,
                    side: side,
                    of: example.slide
                )
            } catch { failed[example.slide.text] = Failure(error).message }
        }
        if let first = failed.min(by: { $0.key < $1.key }) {
            let whose = "\(wanted.count) slides whose patches would be shown"
            let what =
                failed.count == wanted.count
                ? "none of the \(whose) has a picture" : "\(failed.count) of the \(whose) have no picture"
            note("\(what): \(first.key): \(first.value)")
        }
        return pictures
    }
}

/// What `wsi cohort` found, with all that its files are made of.
public struct CohortFound: Sendable {
    public private(set) var report: CohortReport
    private let slides: [CohortSlide]
    private let labels: [String]
    private let columns: [CohortColumn]
    private let counts: [Int]
    private var slidePlaces: [CohortReport.Place] = []
    private var patchPlaces: [CohortReport.Place] = []
    private let patches: [CohortFeatures.Patch]

    /// Example patches of a cluster.
    private static let examples = 6

    init(
        _ report: CohortReport,
        _ features: CohortFeatures,
        labels: [String],
        columns: [CohortColumn],
        clusters: Int,
        seed: UInt64
    ) {
        (self.report, self.labels, self.columns) = (report, labels, columns)
        (slides, counts, patches) = (features.slides, features.counts, features.patches)
        let map = PrincipalMap(features.means)
        self.report.slideShares = map.shares
        slidePlaces = zip(slides, map.places).map {
            CohortReport.Place(slide: $0.slide, row: nil, components: $1, neighbours: nil, cluster: nil)
        }
        mapPatches(clusters, seed)
    }

    private mutating func mapPatches(_ count: Int, _ seed: UInt64) {
        guard patches.count > 1 else { return }
        let rows = patches.map(\.features)
        let map = PrincipalMap(rows)
        report.patchShares = map.shares
        let clusters = Clusters(rows, count: count, examples: Self.examples, seed: seed)
        // Evenly over the slides where not all can be embedded.
        let step = (rows.count + NeighbourEmbedding.most - 1) / NeighbourEmbedding.most
        let embedded = Array(stride(from: 0, to: rows.count, by: step))
        let embedding = NeighbourEmbedding(embedded.map { rows[$0] }, start: embedded.map { map.places[$0] })
        let neighbours = Dictionary(zip(embedded, embedding.places), uniquingKeysWith: { first, _ in first })
        patchPlaces = patches.enumerated().map { place, patch in
            CohortReport.Place(
                slide: patch.slide,
                row: patch.row,
                components: map.places[place],
                neighbours: neighbours[place],
                cluster: clusters.groups[place]
            )
        }
        report.clusters = clusters.examples.enumerated().map { cluster, examples in
            let own = patches.indices.filter { clusters.groups[$0] == cluster }
            return CohortReport.Cluster(
                cluster: cluster,
                patches: own.count,
                slides: Set(own.map { patches[$0].slide }).count,
                examples: examples.map { CohortReport.Cluster.Example(slide: patches[$0].slide, row: patches[$0].row) }
            )
        }
    }

    /// nil where the features do not tell where patches lie.
    func place(of example: CohortReport.Cluster.Example) -> (corner: PixelPoint, side: Int)? {
        guard let patch = patches.first(where: { $0.slide == example.slide && $0.row == example.row }),
            let corner = patch.corner, let side = patch.side
        else { return nil }
        return (corner, side)
    }

    /// `slides.csv`.
    public var slideTable: String {
        let words = columns.map { (name: $0.name, cells: CohortMaterial.words($0)) }
        let header =
            ["slide_id", "case_id", "label", "patches", "component_1", "component_2"]
            + words.map { "column_\($0.name)" }
        let rows = slides.indices.map { place in
            [slides[place].slide.text, slides[place].caseID, labels[place], "\(counts[place])"]
                + slidePlaces[place].components.map(Self.cell) + words.map { $0.cells[place] ?? "" }
        }
        return Table.text(header: header, rows: rows)
    }

    /// `patches.csv`.
    public var patchTable: String {
        let header = [
            "slide_id", "row", "x", "y", "cluster", "component_1", "component_2", "neighbours_1", "neighbours_2",
        ]
        let rows = zip(patches, patchPlaces).map { patch, place in
            [
                patch.slide.text, "\(patch.row)", patch.corner.map { "\($0.x)" } ?? "",
                patch.corner.map { "\($0.y)" } ?? "",
                place.cluster.map { "\($0)" } ?? "",
            ] + place.components.map(Self.cell) + (place.neighbours?.map(Self.cell) ?? ["", ""])
        }
        return Table.text(header: header, rows: rows)
    }

    /// Six decimals: no bit that another machine may round otherwise.
    private static func cell(_ value: Double) -> String {
        let text = String(format: "%.6f", value)
        return text == "-0.000000" ? "0.000000" : text
    }

    /// `cohort.html`.
    public func page(_ pictures: [String: Data]) -> String {
        let byLabel: [(name: String, groups: [String?])] =
            Set(labels).count <= ColumnReading.mostGroups ? [("label", labels)] : []
        let colours = byLabel + columns.map { (name: $0.name, groups: CohortMaterial.words($0)) }
        return CohortPage(
            report,
            slides: CohortPage.SlideMap(places: slidePlaces, colours: colours),
            patches: patchPlaces,
            pictures: pictures
        ).text
    }
}
