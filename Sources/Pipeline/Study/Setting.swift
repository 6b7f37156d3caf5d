/// Something that a user can set: as a flag of some commands, as a key of a study's config, or as both.
public struct Setting: Sendable, Equatable {
    /// With its dashes.
    public var flag: String
    /// The key's path.
    public var key: String?
    /// What the key is set to where the flag takes no value.
    public var value: String?
    /// The commands whose flag of that name means this, the one that advice names first; empty: all that have it.
    public var commands: [String]

    init(_ flag: String, _ key: String?, _ value: String? = nil, of commands: [String] = []) {
        (self.flag, self.key, self.value, self.commands) = (flag, key, value, commands)
    }

    /// The flags that are keys of a config, too.
    public static let all = [
        Setting("--list", "cohort.slides"),
        Setting("--mpp", "tiling.mpp", of: ["tile"]),
        Setting("--magnification", "tiling.mpp"),
        Setting("--patch-size", "tiling.patch_size"),
        Setting("--overlap", "tiling.overlap", of: ["tile"]),
        Setting("--min-tissue", "tiling.min_tissue"),
        Setting("--edge", "tiling.edge"),
        Setting("--slide-mpp", "tiling.slide_mpp", of: ["tile", "run", "check"]),
        Setting("--mpp-csv", "tiling.mpp_csv", of: ["tile", "run", "check"]),
        Setting("--mpp-from-tiff", "tiling.mpp_from_tiff", "true"),
        Setting("--allow-upsampling", "tiling.allow_upsampling", "true"),
        Setting("--max-patches", "tiling.max_patches"),
        Setting("--exclude-ink", "tiling.exclude_ink"),
        Setting("--min-focus", "tiling.min_focus"),
        Setting("--quality", "tiling.quality", "full"),
        Setting("--dark-background", "tiling.mask.background", "dark"),
        Setting("--regions", "tiling.regions", of: ["tile"]),
        Setting("--origin", "tiling.regions_origin"),
        Setting("--regions-replace", "tiling.regions_mode", "replace"),
        Setting("--features", "features.path"),
        Setting("--patch-size-level0", "features.patch_size_level0", of: ["predict"]),
        Setting("--encoder", "features.encoder"),
        Setting("--device", "features.device", of: ["features"]),
        Setting("--device", "training.device", of: ["predict"]),
        Setting("--precision", "features.precision", of: ["features"]),
        Setting("--seed", "training.seed", of: ["train", "run"]),
        Setting("--side", "heatmap.side", of: ["heatmap"]),
        Setting("--mpp", "heatmap.mpp", of: ["heatmap"]),
        Setting("--scale", "heatmap.scale"),
        Setting("--colours", "heatmap.colours"),
        Setting("--smooth", "heatmap.smoothing"),
    ]
}
