/// One labelled slide.
public struct CohortSlide: Codable, Equatable, Sendable {
    public var slide: SlideID
    /// The patient or case; all slides of a case stay on one side of every split.
    public var caseID: String
    /// Index into `Cohort.classes`.
    public var label: Int

    public init(slide: SlideID, caseID: String, label: Int) {
        self.slide = slide
        self.caseID = caseID
        self.label = label
    }
}

/// The labelled slides of a study.
public struct Cohort: Codable, Equatable, Sendable {
    /// Class names; the index is the label. For two classes index 1 is the positive one.
    public var classes: [String]
    /// Sorted by slide id.
    public var slides: [CohortSlide]

    public init(classes: [String], slides: [CohortSlide]) {
        self.classes = classes
        self.slides = slides.sorted { $0.slide < $1.slide }
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
