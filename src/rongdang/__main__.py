from rongdang.cli import main

raise SystemExit(main())
