import Config
import Evaluation
import Messages
import Records
import Storage
import Torch

/// A fold with one config, as its plan fills it in.
struct FoldVariant {
    /// With what the plan fills in.
    private(set) var request: TrainRequest
    /// As the config has it.
    let given: TrainingConfig
    private(set) var plan: TrainingPlan?

    /// - Parameter facts: of the training part; nil where it has no patch, or nothing asks for a plan.
    init(_ request: TrainRequest, plannedBy facts: PlanFacts?) {
        (self.request, given) = (request, request.training)
        guard request.training.plan == .auto, let facts else { return }
        let made = request.plan(of: facts)
        (plan, self.request.training) = (made.plan, made.training)
    }

    /// Whether features are centred and scaled.
    var standardises: Bool {
        switch request.training.standardise {
        case .always: true
        case .never: false
        case .auto: request.encoder.isHandcrafted
        }
    }

    func recipe(featureWidth: Int) -> Recipe {
        request.training.recipe(
            for: request.model.resolved(featureWidth: featureWidth),
            featureWidth: featureWidth,
            classes: request.cohort.classes.count,
            kind: request.cohort.selectionKind
        )
    }

    /// How many are trained at most, those of a plain host too.
    func epochs(featureWidth: Int) -> Int { recipe(featureWidth: featureWidth).epochs * (host == nil ? 1 : 2) }

    /// MHIM's, where its plain host is trained first.
    var host: MHIMConfig? {
        guard case .mhim(let config) = request.model, config.start.host else { return nil }
        return config
    }
}

/// A fold that is ready to be trained with one config.
struct PreparedFold {
    let variant: FoldVariant
    /// With every width written out.
    let config: ModelConfig
    let recipe: Recipe
    let readout: Readout
    let standardiser: Standardiser?
    let bags: DeviceBags
    let training: ModelTraining

    /// - Throws: `MILError` where the training part has no scale, or no epoch can be chosen by the validation part.
    init(_ variant: FoldVariant, _ survey: FoldSurvey, _ shared: FoldBags) throws {
        let request = variant.request
        self.variant = variant
        standardiser = variant.standardises ? survey.standardiser : nil
        bags = shared.bags(for: variant, standardiser)
        config = request.model.resolved(featureWidth: survey.width)
        recipe = variant.recipe(featureWidth: survey.width)
        readout = try Readout(request.cohort, fittedOn: survey.train, request.training)
        if recipe.selection == .loss, !readout.hasLoss(of: survey.validation) {
            let lacking = request.lack(of: survey.validation)
            throw MILError.untrainable(
                reason:
                    "no validation slide has \(lacking), so no epoch can be chosen by it; give one, or set training.selection to last"
            )
        }
        training = ModelTraining(
            request: request,
            config: config,
            readout: readout,
            recipe: recipe,
            featureWidth: survey.width,
            training: survey.train,
            validation: survey.validation,
            bags: bags,
            device: shared.device
        )
    }
}

extension TrainRequest {
    /// The requests of the configs that the fold may be trained with.
    /// - Throws: `Failure` where candidates would be compared on the test part, or on nothing.
    var configs: [TrainRequest] {
        get throws {
            guard let search else { return [self] }
            guard evaluation.protocol == .honest else {
                throw ConfigError("evaluation.protocol", "with search, honest is wanted")
            }
            guard !split.validation.isEmpty else {
                throw MILError.unusable(
                    subject: "fold \(split.fold)",
                    reason: "the validation part is empty, so a search has nothing to compare candidates on; give one"
                )
            }
            return search.candidates.map(choosing)
        }
    }

    /// What a validation part lacks that tells no loss.
    func lack(of validation: [CohortSlide]) -> String {
        let asksEvents = cohort.questions.allSatisfy { $0.kind == .survival }
        return validation.isEmpty ? "features" : asksEvents ? "an event" : "a known target"
    }
}
