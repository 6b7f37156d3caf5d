/// One labelled slide.
public struct CohortSlide: Codable, Equatable, Sendable {
    public var slide: SlideID
    /// The patient or case; all slides of a case stay on one side of every split.
    public var caseID: String
    public var target: Target

    public init(slide: SlideID, caseID: String, target: Target) {
        self.slide = slide
        self.caseID = caseID
        self.target = target
    }

    enum CodingKeys: String, CodingKey {
        case slide, caseID
        // Fingerprints are taken over this text.
        case target = "label"
    }
}

/// The labelled slides of a study.
public struct Cohort: Codable, Equatable, Sendable {
    /// What one bag holds, and so what is trained on, judged and counted.
    public enum Unit: String, DescribedChoice {
        case slide, `case`

        public var meaning: String {
            switch self {
            case .slide: "one slide"
            case .case: "all slides of a case, joined in the order of their ids"
            }
        }
    }

    /// Class names; the index is that of a target. For two classes index 1 is the positive one. Where no class is asked: the labels'
    /// names, the number's name, or the unit of time.
    public var classes: [String]
    /// Sorted by slide id. Where the unit is the case, each stands for a whole case and has the case's id.
    public var slides: [CohortSlide]
    public var unit: Unit
    /// Where several things are asked of every slide; `classes` are then those of the first. nil where one is asked.
    public var targets: [Question]?

    public init(classes: [String], slides: [CohortSlide], unit: Unit = .slide, targets: [Question]? = nil) {
        (self.classes, self.targets) = (classes, targets)
        self.slides = slides.sorted { $0.slide < $1.slide }
        self.unit = unit
    }

    /// What is asked of every slide, which their targets tell; of several targets the first.
    public var kind: Target.Kind { targets?.first?.kind ?? slides.first?.target.kind ?? .class }

    /// The slides of every case, in order.
    public var cases: [String: [CohortSlide]] { Dictionary(grouping: slides, by: \.caseID) }

    /// The same cohort with a case for every entry; a case has the targets of its slides joined.
    /// - Throws: `Failure` (`.unsafeID`) for a case whose id is no name for a file.
    public func byCase() throws -> Cohort {
        let entries = try cases.map { caseID, slides in
            let target = slides.dropFirst().reduce(slides[0].target) { $0.joined(with: $1.target) }
            return CohortSlide(slide: try SlideID(caseID), caseID: caseID, target: target)
        }
        return Cohort(classes: classes, slides: entries, unit: .case, targets: targets)
    }
}

/// One way to cut a cohort; never through a case.
public struct Split: Codable, Equatable, Sendable {
    public var fold: Int
    public var train: [SlideID]
    public var validation: [SlideID]
    public var test: [SlideID]

    public init(fold: Int, train: [SlideID], validation: [SlideID], test: [SlideID]) {
        self.fold = fold
        self.train = train
        self.validation = validation
        self.test = test
    }
}
