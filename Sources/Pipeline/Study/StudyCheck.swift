import Config
public import Foundation
public import Records
import Storage

/// `wsi check`: looks at everything that a study reads, and says all that is wrong with it in one pass.
public struct StudyCheck: Sendable {
    /// What the command prints.
    public struct Report: Codable, Equatable, Sendable {
        public struct Class: Codable, Equatable, Sendable {
            public var name: String
            public var slides: Int
            public var cases: Int
        }

        /// Slides and cases of each part of a fold.
        public struct Fold: Codable, Equatable, Sendable {
            public struct Part: Codable, Equatable, Sendable {
                public var slides: Int
                public var cases: Int
            }

            public var fold: Int
            public var train: Part
            public var validation: Part
            public var test: Part
        }

        public var slides: Int
        public var cases: Int
        /// Of the slides, in order.
        public var ids: [SlideID]
        public var classes: [Class]
        /// The last of two classes; nil with more, and where nothing says which it is.
        public var positive: String?
        /// Why the classes stand in this order, in one line; nil where that is a problem.
        public var order: String?
        /// Slides of the labels whose label says that there is none.
        public var unlabelled: Int
        /// Slides of the labels that are of no class of `cohort.classes`.
        public var otherClasses: Int
        /// Labelled slides that have no slide file or no features and are left out.
        public var missing: Int
        /// Files that were found and cannot be worked on, each reason in a note; the others can.
        public var leftOut: Int
        public var folds: [Fold]
        public var notes: [String]
        public var problems: [Problem]

        enum CodingKeys: String, CodingKey {
            case slides, cases, classes, positive, order, unlabelled, missing, folds, notes, problems
            case ids = "slide_ids"
            case otherClasses = "other_classes"
            case leftOut = "left_out"
        }

        /// 3 where a run would end with it, as some files cannot be worked on.
        public var exitStatus: ExitStatus {
            problems.isEmpty && leftOut > 0 ? .partial : StudyProblems(problems: problems).exitStatus
        }
    }

    public var config: URL
    /// The job whose features are looked at, where the config names no others; nil leaves them out.
    public var layout: JobLayout?
    public var overrides: StudyOverrides

    public init(config: URL, layout: JobLayout?, overrides: StudyOverrides = StudyOverrides()) {
        self.config = config
        self.layout = layout
        self.overrides = overrides
    }

    /// - Throws: only for a config that cannot be read.
    public func run(progress: ProgressSink) throws -> Report {
        let reading = try StudyReading(config: config, overrides: overrides)
        var (notes, problems) = (reading.notes, reading.problems)
        let (encoderNote, encoderProblems) = Self.encoder(of: reading)
        notes += [encoderNote].compactMap { $0 }
        problems += encoderProblems
        if encoderProblems.isEmpty, let check = try features(reading, progress) {
            notes += check.notes
            problems += check.problems
        }
        problems += TargetChecks.problems(of: reading) + SearchChecks.problems(of: reading)
        problems += FoldChecks.problems(of: reading)
        notes += TargetChecks.notes(of: reading) + FoldChecks.notes(of: reading) + SearchChecks.notes(of: reading)
        notes += reading.leftOut.map { ($0.failure.subject.map { "\($0): " } ?? "") + $0.failure.message }
        return Self.report(reading, notes, problems.byCause)
    }

    /// What the run would stop at after hours of tiling, and whether patches are what the encoder is usually given.
    private static func encoder(of reading: StudyReading) -> (note: String?, problems: [Problem]) {
        let features = reading.config.features
        guard features.path == nil, let encoder = features.encoder else { return (nil, []) }
        do {
            let choice = try EncoderChoice(word(encoder, in: reading.folder))
            let tiling = reading.config.tiling
            return (choice.fieldNote(patch: tiling.patchSize, mpp: tiling.mpp), [])
        } catch { return (nil, Problem.all(of: error, file: "features.encoder")) }
    }

    private func features(_ reading: StudyReading, _ progress: ProgressSink) throws -> FeatureCheck? {
        let stage = "check"
        func looked(_ slide: SlideID) { progress(.finished(unit: slide.text, failure: nil)) }
        let place = reading.config.features.path.map { StudyReading.path($0, in: reading.folder) }
        guard place != nil || layout != nil else { return nil }
        progress(.began(stage: stage, units: reading.cohort.slides.count, done: 0))
        if let place {
            var check = FeatureCheck(place, of: reading, values: true, looked: looked)
            check.addPlacement(of: reading, in: layout)
            return check
        }
        guard let layout else { return nil }
        let encoder = reading.config.features.encoder ?? ""
        let name = try EncoderChoice(Self.word(encoder, in: reading.folder)).identity.name
        let features = try Features.read(layout, encoder: name)
        return FeatureCheck(features, of: reading, place: layout.root.path, looked: looked)
    }

    /// The path of an encoder is relative to the config file.
    static func word(_ encoder: String, in folder: URL) -> String {
        let url = StudyReading.path(encoder, in: folder)
        return FileManager.default.fileExists(atPath: url.path) ? url.path : encoder
    }

    private static func report(_ reading: StudyReading, _ notes: [String], _ problems: [Problem]) -> Report {
        let slides = reading.cohort.slides
        let owner = Dictionary(uniqueKeysWithValues: slides.map { ($0.slide, $0.caseID) })
        func part(_ slides: [SlideID]) -> Report.Fold.Part {
            Report.Fold.Part(slides: slides.count, cases: Set(slides.compactMap { owner[$0] }).count)
        }
        return Report(
            slides: slides.count,
            cases: Set(slides.map(\.caseID)).count,
            ids: slides.map(\.slide),
            classes: reading.cohort.groups.map { group in
                let own = slides.filter { group.isMet($0.target) }
                return Report.Class(name: group.name, slides: own.count, cases: Set(own.map(\.caseID)).count)
            },
            positive: reading.labels.order.positive,
            order: reading.labels.order.text,
            unlabelled: reading.labels.slides(.unlabelled).count,
            otherClasses: reading.labels.slides(.otherClass).count,
            missing: reading.labels.slides(.noFile).count,
            leftOut: reading.leftOut.reduce(0) { $0 + $1.count },
            folds: reading.splits.map { split in
                Report.Fold(
                    fold: split.fold,
                    train: part(split.train),
                    validation: part(split.validation),
                    test: part(split.test)
                )
            },
            notes: notes,
            problems: problems
        )
    }
}
