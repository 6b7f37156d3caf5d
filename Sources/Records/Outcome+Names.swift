extension Outcome {
    /// The names of facts; each stage has some of them, and earlier versions had fewer.
    public enum Fact: String, CaseIterable, Sendable {
        /// Of tiles and features: the folder of the slide's grid, relative to the job.
        case grid
        /// Why a unit is empty.
        case reason
        /// µm per pixel of the slide, of its patches, and who says so.
        case mpp
        case patchMPP = "patch_mpp"
        case mppSource = "mpp_source"
        case vendor
        /// Of what reads slides by it: the version of OpenSlide. Not of the fingerprint, since pixels are the same but in JPEG 2000.
        case openSlide = "openslide"
        /// Of the saturation, 0 to 255.
        case maskThreshold = "mask_threshold"
        /// What was noticed about a slide, by `; `.
        case quality
        /// Set where the corner that regions count from was assumed.
        case regionsOrigin = "regions_origin"
        /// How a slide's scale differs from the cohort's.
        case scaleNote = "scale_note"
    }

    /// The names of figures.
    public enum Figure: String, CaseIterable, Sendable {
        /// Of tiles, features and maps.
        case patches
        case unreadablePatches = "unreadable_patches"
        /// Of features by a network: the patches that it computed at a time.
        case batch
        /// Of tiles: level-0 pixels of the slide; of features: D.
        case width
        case height
        case tissueUM2 = "tissue_um2"
        case fileBytes = "file_bytes"
        /// Shares of the tissue, 0 to 1.
        case ink, dark
        case focusMedian = "focus_median"
        case focusMeasured = "focus_measured"
        /// Patches that were left out.
        case excludedInk = "excluded_ink"
        case excludedFocus = "excluded_focus"
        /// µm per pixel of the level that patches are read from against the target.
        case scaleRatio = "scale_ratio"
        /// Of the tissue, 0 to 255.
        case meanRed = "mean_red"
        case meanGreen = "mean_green"
        case meanBlue = "mean_blue"
    }

    public subscript(fact: Fact) -> String? {
        get { facts[fact.rawValue] }
        set { facts[fact.rawValue] = newValue }
    }

    public subscript(figure: Figure) -> Double? {
        get { figures[figure.rawValue] }
        set { figures[figure.rawValue] = newValue }
    }
}

extension Fingerprint {
    /// The names of what stages read; messages show them.
    public enum Input: String, CaseIterable, Sendable {
        /// Quick digest of the slide.
        case slide
        /// Of the regions that tiling is held to.
        case regions
        /// The version of a slide's tiling, as features have it.
        case patches
        /// The same, as reports have it.
        case tiling
        /// Of a training: digests over all of its slides; of a prediction: the version of its slide's.
        case features
        case labels, split
        /// Features of finer patches.
        case finer
        /// The version of what is drawn.
        case prediction
        /// Outlines of the tissue that maps hatch.
        case tissue
        /// What readers have said; absent where nobody has, as in reports of before that was told.
        case decisions
        /// How maps hold when patches leave the bag; absent where nobody has looked, and where pictures say nothing of it.
        case faithfulness
    }

    public subscript(input: Input) -> String? {
        get { inputs[input.rawValue] }
        set { inputs[input.rawValue] = newValue }
    }

    /// Of a prediction: the version of a fold's model.
    public subscript(checkpoint fold: Int) -> String? {
        get { inputs[FoldName.text(fold)] }
        set { inputs[FoldName.text(fold)] = newValue }
    }

    /// Of a prediction's inputs: the models that spoke, by fold.
    public static func checkpoints(in inputs: [String: String]) -> [Int: String] {
        let folds = inputs.compactMap { name, version in FoldName.fold(of: name).map { ($0, version) } }
        return Dictionary(uniqueKeysWithValues: folds)
    }

    /// The names of parameters that are read again; all others are only compared.
    public enum Parameter: String, CaseIterable, Sendable {
        /// Of tiles: µm per pixel that a slide was given.
        case slideMPP = "slide_mpp"
        /// Of features.
        case encoder, precision, preprocessing
        case encoderDigest = "encoder_digest"
        /// Of predictions.
        case model
        case patchSizeLevel0 = "patch_size_level0"
        case explain
    }

    public subscript(parameter: Parameter) -> String? {
        get { parameters[parameter.rawValue] }
        set { parameters[parameter.rawValue] = newValue }
    }
}
