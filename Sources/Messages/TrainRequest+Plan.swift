public import Config
public import Records

extension TrainRequest {
    /// What a plan of this fold is made of; the request follows its protocol.
    /// - Parameter bag: of a unit of the cohort, as training takes it, checked to be as wide as is said; nil for the first one.
    /// - Returns: nil where no bag of the training part has a patch.
    public func planFacts(_ bag: (SlideID, _ width: Int?) throws -> Bag) rethrows -> PlanFacts? {
        let targets = Dictionary(
            cohort.slides.map { ($0.slide, $0.target) },
            uniquingKeysWith: { first, _ in first }
        )
        var survey = PlanSurvey(cohort.kind, classes: cohort.classes)
        for slide in split.train.sorted() {
            guard let target = targets[slide] else { continue }
            survey.add(try bag(slide, survey.width), target)
        }
        return survey.facts
    }

    /// The plan of this fold, and what is then trained.
    public func plan(of facts: PlanFacts) -> (plan: TrainingPlan, training: TrainingConfig) {
        TrainingPlan.made(
            for: training,
            of: facts,
            model,
            hasValidation: !split.validation.isEmpty,
            isHandcrafted: encoder.isHandcrafted
        )
    }
}
